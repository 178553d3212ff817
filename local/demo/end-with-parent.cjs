// @ts-check
// Preloaded into a process that the demo starts: however the demo ends, by `kill -9` too, the system closes the channel between
// the two, and this process ends. It would otherwise try for minutes to reach an embedded cloud that is no more.
"use strict";
process.once("disconnect", () => process.exit(1));
// The channel alone does not keep it running.
process.channel?.unref();
