// @ts-check
// Finds a function's handler by its name, as AWS's Node.js runtime client does; errors have that client's names.
"use strict";
const { existsSync } = require("node:fs");
const path = require("node:path");

const CALLBACK_HANDLER_MESSAGE =
    "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to " +
    "modify this function to use a supported handler signature to use Node.js 24 or later. For more information see " +
    "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";

/**
 * @param {string} name
 * @param {string} message
 * @param {Error} [cause]
 */
function runtimeError(name, message, cause) {
    const error = new Error(message);
    error.name = name;
    error.stack = cause?.stack ?? error.stack;
    return error;
}

/** @param {string} handler `<path>.<export>`, where the export may be nested. */
async function loadHandler(handler) {
    const taskRoot = process.env.LAMBDA_TASK_ROOT ?? process.cwd();
    if (handler.includes("..")) {
        const hint = "Use absolute paths when specifying root directories in handler names.";
        throw runtimeError("Runtime.MalformedHandlerName", `'${handler}' is not a valid handler name. ${hint}`);
    }
    const [, moduleName, exportName] = /^([^.]*)\.(.+)$/.exec(path.basename(handler)) ?? [];
    if (moduleName === undefined || exportName === undefined) {
        throw runtimeError("Runtime.MalformedHandlerName", "Bad handler");
    }
    const loaded = await loadModule(path.resolve(taskRoot, path.dirname(handler), moduleName));
    const found = findExport(loaded, exportName) ?? findExport(loaded?.default, exportName);
    if (found === undefined || found === null) {
        throw runtimeError("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
    }
    if (typeof found !== "function") {
        throw runtimeError("Runtime.HandlerNotFound", `${handler} is not a function`);
    }
    return checkHandler(found);
}

/** @param {Function} handler */
function checkHandler(handler) {
    if (handler.length >= 3) {
        // nodejs22.x still calls such handlers; they are refused here, so that what runs here runs on either.
        throw runtimeError("Runtime.CallbackHandlerDeprecated", CALLBACK_HANDLER_MESSAGE);
    }
    return handler;
}

/** @param {string} base The module's path, perhaps without its extension. */
async function loadModule(base) {
    const file = ["", ".js", ".mjs", ".cjs"].map((extension) => base + extension).find((name) => existsSync(name));
    try {
        if (file?.endsWith(".mjs")) {
            return await importFile(file);
        }
        return require(file ?? base);
    } catch (error) {
        const { code } = /** @type {NodeJS.ErrnoException} */ (error);
        if (code === "ERR_REQUIRE_ESM" && file !== undefined) {
            return await importFile(file);
        }
        if (error instanceof SyntaxError) {
            throw runtimeError("Runtime.UserCodeSyntaxError", String(error), error);
        }
        if (error instanceof Error && (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND")) {
            throw runtimeError("Runtime.ImportModuleError", String(error), error);
        }
        throw error;
    }
}

/** @param {string} file */
function importFile(file) {
    const { pathToFileURL } = require("node:url");
    return import(pathToFileURL(file).href);
}

/**
 * @param {any} exported
 * @param {string} name
 */
function findExport(exported, name) {
    return name.split(".").reduce((value, key) => value?.[key], exported);
}

module.exports = { loadHandler, runtimeError };
