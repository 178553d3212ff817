// @ts-check
// Preloaded into the program. Pulumi keeps a stack trace of every promise that it makes (2,600 for this program), to be shown
// if one never settles and PULUMI_DEBUG_PROMISE_LEAKS is set. ts-node's hook looks each of their lines up in source maps, which
// takes a third of the processor time that the program needs to start (measured: 0.6 s). These traces are spared the hook, and
// are empty; every other error is formatted by it as before.
"use strict";

/** @typedef {(error: Error, callSites: NodeJS.CallSite[]) => unknown} Format */

const PULUMI_PROMISES = /[\\/]@pulumi[\\/]pulumi[\\/]runtime[\\/]debuggable\.js$/;

/** @type {Format | undefined} */
let installed;

/** @type {Format} */
function format(error, callSites) {
    const file = callSites[0]?.getFileName() ?? "";
    return PULUMI_PROMISES.test(file) ? String(error) : installed?.(error, callSites);
}

Object.defineProperty(Error, "prepareStackTrace", {
    configurable: true,
    // Node formats an error by itself where there is no hook.
    get: () => installed && format,
    set: (hook) => {
        installed = hook;
    },
});
