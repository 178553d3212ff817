// Runs the archive as the Lambda runtime does: loads `__index.js` once, then hands it one event after the other.
"use strict";
const { performance } = require("node:perf_hooks");

const startedMs = performance.now();
const { handler } = require(process.argv[2]);
process.send({ id: "loaded", milliseconds: performance.now() - startedMs });

process.on("message", async ({ id, event, remainingMs }) => {
    const receivedMs = performance.now();
    const context = {
        awsRequestId: id,
        functionName: "test-DDBEventProcessor",
        getRemainingTimeInMillis: () => remainingMs - (performance.now() - receivedMs),
    };
    try {
        process.send({ id, response: await handler(event, context), s3Loaded: isS3Loaded() });
    } catch (error) {
        process.send({ id, error: { name: error.name, message: error.message } });
    }
});

function isS3Loaded() {
    return Object.keys(require.cache).some((path) => path.includes("/client-s3/"));
}
