import { expect } from "chai";
import { faultOfProblem, faultOfRefusal } from "../../../../producer/sources/x/fault";

const ANSWERED_AT_MS = 1_799_999_000_000;
const refusal = (status: number, body: unknown = {}, limits: { remaining: number; reset: number }[] = []) =>
    faultOfRefusal({ status, body, limits, answeredAtMs: ANSWERED_AT_MS });
const tooMany = {
    title: "ConnectionException",
    detail: "This stream is currently at the maximum allowed connection limit.",
    connection_issue: "TooManyConnections",
    type: "https://api.twitter.com/2/problems/streaming-connection",
};

describe("a fault of X", () => {
    it("does not pass if the credentials, the request or the account's credits are the matter", () => {
        for (const status of [400, 401, 402, 403, 404, 413, 422]) expect(refusal(status).kind).to.equal("refused");
        const capped = {
            title: "UsageCapExceeded",
            detail: "Usage cap exceeded: Monthly product cap",
            period: "Monthly",
        };
        expect(refusal(429, capped).kind).to.equal("refused");
        const byType = { title: "x", detail: "y", type: "https://api.x.com/2/problems/usage-capped" };
        expect(refusal(429, byType).kind).to.equal("refused");
    });

    it("passes if X is in trouble", () => {
        for (const status of [408, 425, 500, 502, 503, 504]) expect(refusal(status).kind).to.equal("http");
        expect(refusal(503, "<html>over capacity</html>").reason).to.equal("X answered 503");
    });

    it("is a rate limit with its end, if a limit is used up", () => {
        expect(refusal(429, {}, [{ remaining: 0, reset: 1_800_000_000 }])).to.include({
            kind: "rate limit",
            resetInMs: 1_000_000,
        });
        expect(refusal(429, {}, [{ remaining: 0, reset: NaN }])).not.to.have.property("resetInMs");
        const windows = [
            { remaining: 0, reset: 1_800_000_000 },
            { remaining: 0, reset: 1_800_080_000 },
            { remaining: 5, reset: 1_900_000_000 },
        ];
        expect(refusal(429, {}, windows).resetInMs).to.equal(81_000_000);
    });

    it("is a rate limit without an end, if there are too many connections", () => {
        const fault = refusal(429, tooMany, [{ remaining: 48, reset: 1_800_000_000 }]);
        expect(fault).to.deep.equal({
            kind: "rate limit",
            reason: `X answered 429: ConnectionException: ${tooMany.detail.slice(0, -1)}`,
        });
    });

    it("says that there are no rules", () => {
        expect(refusal(409).kind).to.equal("no rules");
    });

    it("has a reason in one line, whatever X says", () => {
        expect(refusal(401, { title: "Unauthorized", detail: "Unauthorized", status: 401 }).reason).to.equal(
            "X answered 401: Unauthorized (check the credentials, and that their app may read the filtered stream)",
        );
        expect(
            refusal(403, { errors: [{ code: 99, message: "Unable to verify your credentials" }] }).reason,
        ).to.contain("X answered 403: Unable to verify your credentials");
        const { reason } = refusal(500, { title: "a\nb\u001b[2J", detail: "x".repeat(10_000) });
        expect(reason).to.match(/^X answered 500: a⏎b\ufffd\[2J: x+…$/);
        expect(reason.length).to.be.below(330);
    });

    it("in the stream is told apart by its title or its type", () => {
        const disconnect = {
            title: "operational-disconnect",
            disconnect_type: "UpstreamOperationalDisconnect",
            detail: "This stream has been disconnected upstream for operational reasons.",
            type: "https://api.twitter.com/2/problems/operational-disconnect",
        };
        expect(faultOfProblem({ errors: [disconnect] })).to.deep.equal({
            kind: "network",
            reason: `X ended the stream: operational-disconnect: ${disconnect.detail.slice(0, -1)}`,
        });
        expect(faultOfProblem({ errors: [{ ...disconnect, title: "Disconnected" }] }).kind).to.equal("network");
        const gone = { title: "Gone", type: "https://api.twitter.com/2/problems/client-disconnected" };
        expect(faultOfProblem({ errors: [gone] }).kind).to.equal("network");
        const noRules = { ...tooMany, connection_issue: "RuleConfigurationIssue" };
        expect(faultOfProblem({ errors: [noRules] }).kind).to.equal("no rules");
        expect(faultOfProblem(noRules).kind).to.equal("no rules");
        expect(faultOfProblem({ errors: [tooMany] }).kind).to.equal("rate limit");
        expect(faultOfProblem(tooMany).kind).to.equal("rate limit");
        expect(faultOfProblem({ errors: [{ title: "UsageCapExceeded" }] }).kind).to.equal("refused");
        expect(faultOfProblem({ errors: [{ title: "Something new" }] }).kind).to.equal("http");
        expect(faultOfProblem({ errors: [] }).reason).to.equal('X ended the stream: {"errors":[]}');
    });
});
