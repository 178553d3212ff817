import { expect } from "chai";
import { RuntimeApi } from "../../../local/lambda/runtime-api";

describe("Runtime API", () => {
    const heard: string[] = [];
    let api: RuntimeApi;

    before(async () => {
        api = await RuntimeApi.start({
            onNext: () => heard.push("next"),
            onResponse: (requestId, payload) => heard.push(`response ${requestId} ${payload}`),
            onResponseTooLarge: (requestId) => heard.push(`too large ${requestId}`),
            onError: (requestId, payload) => heard.push(`error ${requestId} ${payload}`),
            onInitError: (payload) => heard.push(`init error ${payload}`),
            currentRequestId: () => "current",
        });
    });

    beforeEach(() => {
        heard.length = 0;
    });

    after(() => api.close());

    const call = (method: string, resource: string, body?: string): Promise<Response> =>
        fetch(`http://${api.address}/2018-06-01/runtime/${resource}`, { method, body });

    for (const { resource, expected } of [
        { resource: "invocation/current/response", expected: "response current {}" },
        { resource: "invocation/current/error", expected: "error current {}" },
        { resource: "init/error", expected: "init error {}" },
    ]) {
        it(`accepts a POST to ${resource}`, async () => {
            const response = await call("POST", resource, "{}");
            expect([response.status, await response.json()]).to.deep.equal([202, { status: "OK" }]);
            expect(heard).to.deep.equal([expected]);
        });
    }

    for (const { method, resource } of [
        { method: "POST", resource: "invocation/other/response" },
        { method: "POST", resource: "invocation/next" },
        { method: "GET", resource: "invocation/current/response" },
        { method: "GET", resource: "restore/next" },
    ]) {
        it(`knows no ${method} of ${resource}`, async () => {
            const response = await call(method, resource);
            expect(response.status).to.equal(404);
            expect(await response.json()).to.include({ errorType: "NotFound" });
            expect(heard).to.deep.equal([]);
        });
    }

    it("refuses a response over the limit", async () => {
        const response = await call("POST", "invocation/current/response", "x".repeat(6_291_557));
        expect(response.status).to.equal(413);
        await response.arrayBuffer();
        expect(heard).to.deep.equal(["too large current"]);
    });
});
