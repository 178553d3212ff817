// fauxqs is a native ES module; TypeScript would make a require() of an import() in a CommonJS file.
"use strict";
module.exports.importFauxqs = () => import("fauxqs");
