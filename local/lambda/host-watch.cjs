// @ts-check
// The program of the process that host-watch.ts starts. Standard input has a line for each process group of an execution
// environment: `+<number>` when it has started, `-<number>` when it has ended. Standard input ends with the host, in whatever
// way the host ends; the groups that are left end then.
"use strict";
const { createInterface } = require("node:readline");

/** @type {Set<number>} */
const groups = new Set();

createInterface({ input: process.stdin })
    .on("line", (line) => {
        const number = Number(line.slice(1));
        if (line.startsWith("+")) groups.add(number);
        else groups.delete(number);
    })
    .on("close", () => groups.forEach(end));

/** @param {number} group */
function end(group) {
    try {
        // Windows has no groups.
        process.kill(process.platform === "win32" ? group : -group, "SIGKILL");
    } catch (error) {
        // It has ended with the host.
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
    }
}
