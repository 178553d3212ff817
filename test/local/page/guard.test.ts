import { expect } from "chai";
import { ADMIN_HEADERS, PAGE_HEADERS, refusalOf } from "../../../local/page/guard";

const PORT = 4567;
const OWN = { host: "127.0.0.1:4567" };
const ORIGIN = "http://127.0.0.1:4567";

function status(method: string, headers: Record<string, string>): number | undefined {
    return refusalOf(method, headers, PORT)?.status;
}

describe("who is answered by the page", () => {
    it("is a browser on its own pages, at its address typed, and a program that only reads", () => {
        expect(status("GET", OWN)).to.equal(undefined);
        expect(status("GET", { host: "localhost:4567" })).to.equal(undefined);
        expect(status("GET", { ...OWN, "sec-fetch-site": "none" })).to.equal(undefined);
        expect(status("GET", { ...OWN, "sec-fetch-site": "same-origin" })).to.equal(undefined);
        expect(status("DELETE", { ...OWN, "sec-fetch-site": "same-origin", origin: ORIGIN })).to.equal(undefined);
        expect(status("PUT", { ...OWN, origin: ORIGIN })).to.equal(undefined);
    });

    for (const host of [
        "evil.example",
        "evil.example:4567",
        "127.0.0.1",
        "127.0.0.1:4568",
        "127.0.0.1.evil.example:4567",
        "",
    ]) {
        it(`is nobody under the name '${host}'`, () => {
            expect(status("GET", { host })).to.equal(421);
        });
    }

    it("is nobody without a Host header", () => {
        expect(status("GET", {})).to.equal(421);
    });

    it("is no page of another site, or of another port of this machine, whatever it does", () => {
        for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) {
            for (const site of ["cross-site", "same-site", "something new"]) {
                expect(status(method, { ...OWN, "sec-fetch-site": site }), `${method} ${site}`).to.equal(403);
            }
            for (const origin of ["http://evil.example", "null", "http://127.0.0.1:4568", "https://127.0.0.1:4567"]) {
                expect(status(method, { ...OWN, origin }), `${method} ${origin}`).to.equal(403);
            }
        }
    });

    it("is no one who changes something and does not say where from", () => {
        expect(status("DELETE", OWN)).to.equal(403);
        expect(status("POST", { ...OWN, "sec-fetch-site": "none" })).to.equal(403);
    });

    it("is a page under one of its names only together with that name", () => {
        expect(status("POST", { host: "localhost:4567", origin: ORIGIN })).to.equal(403);
    });
});

describe("what a browser is told of the page", () => {
    it("has no inline script, nothing from elsewhere, no frame around it, and no text that becomes markup", () => {
        const policy = PAGE_HEADERS["content-security-policy"];
        expect(policy).to.include("default-src 'none'").and.include("frame-ancestors 'none'");
        expect(policy).to.include("require-trusted-types-for 'script'");
        expect(policy).not.to.match(/unsafe|http|\*|data:/);
    });

    it("lets dynamodb-admin have its inline scripts, and nothing from elsewhere", () => {
        const policy = ADMIN_HEADERS["content-security-policy"];
        expect(policy).to.include("connect-src 'self'").and.include("form-action 'self'");
        expect(policy).not.to.match(/http|\*|unsafe-eval/);
    });
});
