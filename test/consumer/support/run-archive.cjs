// Runs the archive as the Lambda runtime does: loads `__index.js` once, then hands it one event after the other. The clock and
// the timers are a test's, and so is chance: time passes where it is told to and nowhere else, and each wait before a retry
// is the shortest there is. So what is found out is the same on every machine, however long that takes for a request.
"use strict";
const { subscribe } = require("node:diagnostics_channel");
const { setImmediate: nextTurn } = require("node:timers/promises");

const { now } = Date;
const { setTimeout, clearTimeout } = globalThis;

let passedMs = 0;
/** What `Date.now` says when no time has passed; for each event, it begins with the time of the machine. */
let epochMs = now();
let lastTimer = 0;
const timers = new Map();

class Timer {
    /** Numbers that the real ones do not have. */
    id = --lastTimer;

    constructor(callback, milliseconds) {
        this.callback = callback;
        this.dueMs = passedMs + milliseconds;
        timers.set(this.id, this);
    }

    ref() {
        return this;
    }

    unref() {
        return this;
    }

    [Symbol.toPrimitive]() {
        return this.id;
    }
}

Date.now = () => epochMs + passedMs;
Math.random = () => 0;
Object.assign(globalThis, {
    setTimeout: (callback, milliseconds = 0, ...parameters) =>
        milliseconds > 0
            ? new Timer(() => callback(...parameters), milliseconds)
            : setTimeout(callback, milliseconds, ...parameters),
    clearTimeout: (timer) => {
        if (!timers.delete(Number(timer))) {
            clearTimeout(timer);
        }
    },
});

/** Requests that are not answered to their end. */
const requests = new Set();
let onRequestEnd = () => undefined;
subscribe("http.client.request.start", ({ request }) => {
    requests.add(request);
    request.once("close", () => {
        requests.delete(request);
        onRequestEnd();
    });
});

/** Lets time pass, timer by timer, once no more than so many requests are under way. */
async function pass(milliseconds, underWay) {
    while (requests.size > underWay) await new Promise((resolve) => (onRequestEnd = resolve));
    // What was answered has been dealt with then.
    await nextTurn();
    const endMs = passedMs + milliseconds;
    for (;;) {
        const [next] = [...timers.values()].sort((left, right) => left.dueMs - right.dueMs);
        if (next === undefined || next.dueMs > endMs) break;
        passedMs = Math.max(passedMs, next.dueMs);
        timers.delete(next.id);
        next.callback();
        await nextTurn();
    }
    passedMs = Math.max(passedMs, endMs);
}

const { handler } = require(process.argv[2]);

async function invoke(id, event, remainingMs) {
    epochMs = now() - passedMs;
    const deadlineMs = passedMs + remainingMs;
    const context = {
        awsRequestId: id,
        functionName: "test-DDBEventProcessor",
        getRemainingTimeInMillis: () => deadlineMs - passedMs,
    };
    try {
        process.send({ id, response: await handler(event, context), s3Loaded: isS3Loaded() });
    } catch (error) {
        process.send({ id, error: { name: error.name, message: error.message } });
    }
}

process.on("message", async ({ id, event, remainingMs, passMs, underWay }) => {
    if (passMs === undefined) {
        await invoke(id, event, remainingMs);
        return;
    }
    await pass(passMs, underWay);
    process.send({ id });
});

function isS3Loaded() {
    return Object.keys(require.cache).some((path) => path.includes("/client-s3/"));
}
