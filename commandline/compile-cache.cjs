// @ts-check
// Keeps what was compiled between the starts of a process: TypeScript turned into JavaScript, and V8's code. Node 22.8 and
// newer keep the code by themselves (`module.enableCompileCache`); for Node 20 it is done here. An entry counts only for a
// source of the same hash. A cache that cannot be read or written costs time and nothing else: the next start compiles again.
"use strict";
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");

/**
 * @typedef {{ hash: string, text: string }} Transpiled
 * @typedef {{ hash: string, data: Buffer }} Compiled
 * @typedef {{ transpiled: Map<string, Transpiled>, compiled: Map<string, Compiled> }} Content by the name of the source file
 */

/** What is shorter is compiled as quickly as it is looked up. */
const SOURCE_CHARACTERS_MIN = 1_000;

/** @type {Content} */
let known = { transpiled: new Map(), compiled: new Map() };
/** @type {Map<string, { hash: string, script: vm.Script }>} */
const scripts = new Map();
let isChanged = false;

/**
 * Uses a cache for every CommonJS module that this process loads from now on, and brings it up to date when it exits.
 * @param {string} name one for each kind of process: they load different modules
 */
exports.enable = (name) => {
    const modules = path.join(__dirname, "..", "node_modules");
    const found = fs.lstatSync(modules, { throwIfNoEntry: false });
    if (found === undefined) {
        return;
    }
    // Where tools keep their caches, gone with the next `npm ci`.
    const folder = path.join(modules, ".cache", "stream-processing");
    const file = path.join(folder, `${name}-${process.version}.bin`);
    // A link leads to another copy of the project: what that one has kept can be read, and is its own to change.
    const isOwn = !found.isSymbolicLink();
    known = read(file) ?? known;
    const { enableCompileCache } = /** @type {{ enableCompileCache?: (folder: string) => unknown }} */ (
        /** @type {unknown} */ (Module)
    );
    if (enableCompileCache === undefined) {
        keepCompiledCode();
    } else if (isOwn) {
        enableCompileCache(folder);
    }
    process.once("exit", () => {
        if (isOwn && isChanged) {
            for (const [filename, { hash, script }] of scripts) {
                known.compiled.set(filename, { hash, data: script.createCachedData() });
            }
            write(file);
        }
    });
};

/**
 * @param {string} source
 * @param {string} filename
 * @param {(source: string, filename: string) => string} transpile
 */
exports.transpiled = (source, filename, transpile) => {
    const hash = hashOf(source);
    const entry = known.transpiled.get(filename);
    if (entry?.hash === hash) {
        return entry.text;
    }
    const text = transpile(source, filename);
    known.transpiled.set(filename, { hash, text });
    isChanged = true;
    return text;
};

function keepCompiledCode() {
    const prototype = /** @type {any} */ (Module).prototype;
    const compile = prototype._compile;
    /** @type {(this: any, source: string, filename: string, format?: string) => unknown} */
    prototype._compile = function (source, filename, format) {
        const script = format === "module" ? undefined : compiledScript(source, filename);
        if (script === undefined) {
            return compile.call(this, source, filename, format);
        }
        const run = script.runInThisContext();
        return run.call(this.exports, this.exports, requireOf(this), this, filename, path.dirname(filename));
    };
}

/** Undefined for what Node is to compile itself. @param {string} source @param {string} filename */
function compiledScript(source, filename) {
    const isShort = source.length < SOURCE_CHARACTERS_MIN;
    // Of what comes from TypeScript, Node reads the source map as well.
    if (isShort || source.startsWith("#!") || filename.endsWith(".ts") || mayImport(source, filename)) {
        return undefined;
    }
    const hash = hashOf(source);
    const entry = known.compiled.get(filename);
    const cachedData = entry?.hash === hash ? entry.data : undefined;
    try {
        const script = new vm.Script(Module.wrap(source), { filename, cachedData });
        isChanged ||= cachedData === undefined || script.cachedDataRejected === true;
        scripts.set(filename, { hash, script });
        return script;
    } catch {
        // Node says what is wrong with it, or loads it as an ES module.
        return undefined;
    }
}

/**
 * Code from a cache cannot use `import()` on Node 20. TypeScript's compiler has the word in its messages only.
 * @param {string} source
 * @param {string} filename
 */
function mayImport(source, filename) {
    return !/[\\/]typescript[\\/]lib[\\/]typescript\.js$/.test(filename) && /\bimport\s*\(/.test(source);
}

/** What Node gives a module as `require`. @param {any} module */
function requireOf(module) {
    const internals = /** @type {any} */ (Module);
    /** @type {(request: string, options?: object) => string} */
    const resolve = (request, options) => internals._resolveFilename(request, module, false, options);
    /** @type {(request: string) => string[] | null} */
    const paths = (request) => internals._resolveLookupPaths(request, module);
    return Object.assign((/** @type {string} */ request) => module.require(request), {
        resolve: Object.assign(resolve, { paths }),
        main: process.mainModule,
        extensions: internals._extensions,
        cache: internals._cache,
    });
}

/** @param {string} source */
function hashOf(source) {
    return createHash("sha1").update(source).digest("base64");
}

/** @param {string} file @returns {Content | undefined} */
function read(file) {
    try {
        return v8.deserialize(fs.readFileSync(file));
    } catch {
        return undefined;
    }
}

/** Whole or not at all: other processes read it. @param {string} file */
function write(file) {
    /** @type {<T>(entries: Map<string, T>) => Map<string, T>} */
    const ofPresent = (entries) => new Map([...entries].filter(([filename]) => fs.existsSync(filename)));
    const written = `${file}.${process.pid}`;
    try {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        const content = { transpiled: ofPresent(known.transpiled), compiled: ofPresent(known.compiled) };
        fs.writeFileSync(written, v8.serialize(content));
        fs.renameSync(written, file);
    } catch {
        fs.rmSync(written, { force: true });
    }
}
