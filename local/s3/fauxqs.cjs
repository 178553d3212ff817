"use strict";

/**
 * Loads fauxqs, which is an ES module: ts-node would turn a dynamic import in a TypeScript file into `require`, which
 * Node 20 refuses for it.
 */
module.exports.loadFauxqs = () => import("fauxqs");
