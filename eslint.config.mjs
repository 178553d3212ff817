import eslint from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** One file of a folder imports the AWS clients, so that everything else is pure or has the client passed in. */
const clientFiles = ["producer/stream.ts", "consumer/clients.ts", "replay/clients.ts"];
const clientPaths = ["client-kinesis", "client-dynamodb", "client-s3", "lib-dynamodb"].map((name) => ({
    name: `@aws-sdk/${name}`,
    allowTypeImports: true,
    message: `One file of a folder imports the AWS clients: ${clientFiles.join(", ")}.`,
}));

/** The folders that may not be imported from `files`, and why. */
function layer(files, folders, message, options = {}) {
    const pattern = { regex: `(^|/)(${folders.join("|")})/`, message };
    return {
        files,
        ...options,
        rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns: [pattern], paths: clientPaths }] },
    };
}

export default defineConfig(
    { ignores: ["node_modules/", ".local/"] },
    eslint.configs.recommended,
    {
        files: ["**/*.ts"],
        extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
        languageOptions: { parserOptions: { project: "./tsconfig.check.json", tsconfigRootDir: import.meta.dirname } },
        rules: {
            // A dropped promise here is a lost record.
            "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: false }],
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
            "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
            // Interfaces of services are asynchronous also where one implementation is not.
            "@typescript-eslint/require-await": "off",
            eqeqeq: "error",
        },
    },
    {
        files: ["**/*.cjs", "**/*.mjs"],
        languageOptions: {
            globals: Object.fromEntries(
                [
                    "require",
                    "module",
                    "__dirname",
                    "process",
                    "Buffer",
                    "console",
                    "setTimeout",
                    "clearTimeout",
                    "fetch",
                    "URL",
                ].map((name) => [name, "readonly"]),
            ),
        },
    },
    {
        // The page is served to browsers as it is.
        files: ["local/page/**/*.js"],
        languageOptions: {
            globals: Object.fromEntries(
                [
                    "document",
                    "window",
                    "fetch",
                    "EventSource",
                    "location",
                    "navigator",
                    "matchMedia",
                    "getComputedStyle",
                ]
                    .concat([
                        "requestAnimationFrame",
                        "setTimeout",
                        "clearTimeout",
                        "setInterval",
                        "clearInterval",
                        "URL",
                    ])
                    .map((name) => [name, "readonly"]),
            ),
        },
    },
    {
        files: ["test/**/*.ts"],
        // chai's assertions are expressions, as in `expect(x).to.be.true`; a test that fails may as well throw on null.
        rules: { "@typescript-eslint/no-unused-expressions": "off", "@typescript-eslint/no-non-null-assertion": "off" },
    },
    layer(["**/*.ts"], ["local"], "What runs on AWS knows nothing of the embedded cloud: only local/ and test/ may.", {
        ignores: ["local/**", "test/**", "bench/**", "producer/**", "consumer/**", "replay/**", ...clientFiles],
    }),
    layer(
        ["producer/**/*.ts"],
        ["local", "consumer"],
        "The producer shares the wire record with the consumer, and nothing else; it knows nothing of local/.",
        { ignores: clientFiles },
    ),
    layer(
        ["replay/**/*.ts"],
        ["local", "consumer(?!/(aggregation|version)$)"],
        "A replay sends as the producer does; it knows nothing of local/, and of the consumer how records are packed and which are later.",
        { ignores: clientFiles },
    ),
    layer(
        ["consumer/**/*.ts"],
        ["local", "producer", "replay", "commandline"],
        "The consumer is serialized into the function: it shares the wire record, and nothing else.",
        { ignores: clientFiles },
    ),
);
