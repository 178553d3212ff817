// @ts-check
// The runtime of a function: the program of every execution environment's process. It loads the handler, takes
// invocations from the Runtime API and posts their results, as AWS's own Node.js runtime client does
// (https://github.com/aws/aws-lambda-nodejs-runtime-interface-client, from which names and messages are).
// Plain JavaScript, and little of it: it runs at each cold start.
"use strict";
const http = require("node:http");
const { format } = require("node:util");
const { loadHandler, runtimeError } = require("./handler-loader.cjs");

const UNSETTLED_MESSAGE =
    "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise " +
    "that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes";
/** What Lambda's own client exits with. */
const EXIT_UNHANDLED_REJECTION = 128;
const EXIT_UNCAUGHT_EXCEPTION = 129;
const EXIT_UNSETTLED_PROMISE = 13;

const writeOut = process.stdout.write.bind(process.stdout);
const [hostname = "", port = ""] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");
/** For everything but a last error. */
const keptAlive = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** @type {string | undefined} The invocation that runs now. */
let requestId;
let exiting = false;

/**
 * @param {"GET" | "POST"} method
 * @param {string} resource
 * @param {string} [body]
 * @param {Record<string, string>} [headers]
 * @param {import("node:http").Agent | false} [agent]
 * @returns {Promise<{ headers: import("node:http").IncomingHttpHeaders, body: string }>}
 */
function callRuntimeApi(method, resource, body = "", headers = {}, agent = keptAlive) {
    return new Promise((resolve, reject) => {
        const length = method === "POST" ? { "Content-Length": Buffer.byteLength(body) } : {};
        const options = { agent, hostname, port, method, path: `/2018-06-01/runtime/${resource}` };
        const request = http.request({ ...options, headers: { ...headers, ...length } }, (response) => {
            let text = "";
            response.setEncoding("utf8");
            response.on("data", (chunk) => (text += chunk));
            response.on("end", () => resolve({ headers: response.headers, body: text }));
        });
        request.once("error", reject);
        request.end(body);
    });
}

/** @param {unknown} error */
function describeError(error) {
    if (error instanceof Error) {
        return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split("\n") ?? [] };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/**
 * Tells Lambda, and the log, why an invocation or the initialization failed.
 * @param {string} heading
 * @param {unknown} error
 */
async function reportError(heading, error) {
    const description = describeError(error);
    if (process.env.AWS_LAMBDA_LOG_FORMAT === "JSON") {
        console.error(error);
    } else {
        console.error(heading, `\t${JSON.stringify({ ...description, trace: undefined, stack: description.trace })}`);
    }
    const resource = requestId === undefined ? "init/error" : `invocation/${requestId}/error`;
    markEnd();
    const headers = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Function-Error-Type": description.errorType,
    };
    // A process that is to exit may have a request open: for its next invocation.
    const agent = exiting ? false : keptAlive;
    await callRuntimeApi("POST", resource, JSON.stringify(description), headers, agent);
}

/** The host's mark that everything of this invocation is written. */
function markEnd() {
    if (requestId !== undefined) {
        writeOut(`\0end ${requestId} ${process.memoryUsage.rss()}\n`);
    }
}

/**
 * @param {string} heading
 * @param {unknown} error
 * @param {number} code
 */
function reportAndExit(heading, error, code) {
    if (exiting) {
        return;
    }
    exiting = true;
    const exit = () => process.exit(code);
    reportError(heading, error).then(exit, exit);
}

function installErrorHandlers() {
    process.on("uncaughtException", (error) => reportAndExit("Uncaught Exception", error, EXIT_UNCAUGHT_EXCEPTION));
    process.on("unhandledRejection", (reason) => {
        const cause = reason instanceof Error ? reason : undefined;
        const error = runtimeError("Runtime.UnhandledPromiseRejection", String(reason), cause);
        reportAndExit("Unhandled Promise Rejection", error, EXIT_UNHANDLED_REJECTION);
    });
    // Between invocations the open request for the next one keeps the event loop alive.
    process.on("beforeExit", () => {
        reportAndExit("Invoke Error", runtimeError("Runtime.NodeJsExit", UNSETTLED_MESSAGE), EXIT_UNSETTLED_PROMISE);
    });
}

const METHODS = { trace: "TRACE", debug: "DEBUG", log: "INFO", info: "INFO", warn: "WARN", error: "ERROR" };
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/** `<time> TAB <request> TAB <level> TAB <message>`, or a JSON object, unless it is below the configured level. */
function patchConsole() {
    const json = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
    const lowest = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? "INFO");
    for (const [method, level] of Object.entries(METHODS)) {
        const silent = json && LEVELS.indexOf(level) < lowest;
        /** @type {any} */ (console)[method] = (/** @type {unknown[]} */ ...values) => {
            if (!silent) {
                const timestamp = new Date().toISOString();
                const line = json
                    ? jsonLine(timestamp, level, values)
                    : `${timestamp}\t${requestId}\t${level}\t${format(...values)}`;
                writeOut(`${line.replaceAll("\n", "\r")}\n`);
            }
        };
    }
}

/**
 * @param {string} timestamp
 * @param {string} level
 * @param {unknown[]} values
 */
function jsonLine(timestamp, level, values) {
    const [first] = values;
    const head = { timestamp, level, requestId };
    try {
        const message = values.length === 1 ? first : format(...values);
        return JSON.stringify({ ...head, message }, (_key, value) => {
            if (value instanceof Error) {
                const { errorType, errorMessage, trace } = describeError(value);
                return { ...value, errorType, errorMessage, stackTrace: trace };
            }
            return value;
        });
    } catch {
        // A value with a cycle, or a bigint.
        return JSON.stringify({ ...head, message: format(...values) });
    }
}

/** @param {import("node:http").IncomingHttpHeaders} headers */
function createContext(headers) {
    const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]);
    return {
        callbackWaitsForEmptyEventLoop: true,
        functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
        functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
        memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
        logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
        // Only the AWS mobile SDK sends these two.
        clientContext: undefined,
        identity: undefined,
        invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
        awsRequestId: headers["lambda-runtime-aws-request-id"],
        getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    };
}

/** @param {Function} handler */
async function serveInvocations(handler) {
    for (;;) {
        const { headers, body } = await callRuntimeApi("GET", "invocation/next");
        requestId = String(headers["lambda-runtime-aws-request-id"]);
        process.env._X_AMZN_TRACE_ID = String(headers["lambda-runtime-trace-id"]);
        try {
            const result = await handler(JSON.parse(body), createContext(headers));
            await postResult(stringify(result));
        } catch (error) {
            if (!exiting) {
                await reportError("Invoke Error", error);
            }
        }
        requestId = undefined;
    }
}

/** @param {unknown} result */
function stringify(result) {
    try {
        return JSON.stringify(result === undefined ? null : result) ?? "null";
    } catch (error) {
        throw runtimeError("Runtime.JSONStringifyError", `Unable to stringify response body: ${String(error)}`);
    }
}

/** @param {string} payload */
async function postResult(payload) {
    markEnd();
    await callRuntimeApi("POST", `invocation/${requestId}/response`, payload, { "Content-Type": "application/json" });
}

async function main() {
    patchConsole();
    installErrorHandlers();
    const handler = await loadHandler(process.env._HANDLER ?? "");
    writeOut("\0init\n");
    await serveInvocations(handler);
}

main().catch((error) => reportAndExit("Uncaught Exception", error, 1));
