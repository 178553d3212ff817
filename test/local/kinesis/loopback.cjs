// @ts-check
// Loaded into an emulator before its own code: its servers listen on 127.0.0.1 alone, each on a port that the system chooses,
// and the process that forked it hears of them: `{ asked, port }`. kinesis-local itself listens on all interfaces.
"use strict";
const { Server } = require("node:net");

/** @type {Function} */
const listen = Server.prototype.listen;

/**
 * @this {import("node:net").Server}
 * @param {any} asked the port
 * @param {any} listener
 */
Server.prototype.listen = function (asked, listener) {
    this.once("listening", () => {
        const address = this.address();
        if (typeof address === "object") process.send?.({ asked, port: address?.port });
    });
    return listen.call(this, 0, "127.0.0.1", listener);
};
