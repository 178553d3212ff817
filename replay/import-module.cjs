// TypeScript would make a require() of an import() in a CommonJS file, and a native module may await at its top level.
"use strict";
/** @param {string} url */
module.exports.importModule = (url) => import(url);
