import { expect } from "chai";
import { PUBLIC_ENDPOINTS, checkEndpoint, subscribeUrl } from "../../../../producer/sources/bluesky/endpoint";

describe("the address of a Jetstream instance", () => {
    it("may be any that leads to one", () => {
        for (const typed of [
            "ws://localhost:6008",
            "wss://example.com/subscribe?wantedDids=did:plc:a",
            ...PUBLIC_ENDPOINTS,
        ]) {
            expect(checkEndpoint(typed), typed).to.deep.equal([]);
        }
    });

    it("is refused when it is not of a WebSocket", () => {
        expect(checkEndpoint("https://example.com")).to.deep.equal([
            "Expected `--jetstream` to be a URL of ws: or wss:, got 'https://example.com'.",
        ]);
        expect(checkEndpoint("localhost:6008")[0]).to.contain("a URL of ws: or wss:");
        expect(checkEndpoint("ws://")[0]).to.contain("a URL, as in");
        expect(checkEndpoint("ws://localhost#x")[0]).to.contain("without a fragment");
    });

    it("is refused, and not repeated, when it holds a password", () => {
        const problems = checkEndpoint("wss://ada:hunter2@example.com/subscribe").concat(
            checkEndpoint("//ada:hunter2@example.com"),
        );
        expect(problems).to.have.length(2);
        expect(problems.join(" ")).not.to.contain("hunter2");
    });

    it("is refused when it sets what is set here", () => {
        expect(checkEndpoint("ws://localhost/subscribe?cursor=1&compress=true&wantedDids=did:plc:a")).to.deep.equal([
            "Expected `--jetstream` to be a URL without parameters that are set by the producer, got cursor, compress.",
        ]);
    });

    it("is given what to send and from where", () => {
        expect(subscribeUrl("ws://localhost:6008", undefined).href).to.equal(
            "ws://localhost:6008/subscribe?wantedCollections=app.bsky.feed.post&maxMessageSizeBytes=1048576",
        );
        expect(subscribeUrl("ws://localhost/sub?wantedDids=did:plc:a", 1_780_000_000_000_000).href).to.equal(
            "ws://localhost/sub?wantedDids=did%3Aplc%3Aa&wantedCollections=app.bsky.feed.post&maxMessageSizeBytes=1048576" +
                "&cursor=1780000000000000",
        );
    });
});
