import { expect } from "chai";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { LambdaService, type InvocationResult } from "../../../local/lambda/service";
import { configure, FUNCTION_ARN, Rendezvous } from "./fixture";

interface ErrorPayload {
    errorType: string;
    errorMessage: string;
    trace?: string[];
}

function read(result: InvocationResult): unknown {
    return JSON.parse(result.payload);
}

function readError(result: InvocationResult): ErrorPayload {
    expect(result.functionError).to.equal("Unhandled");
    return read(result) as ErrorPayload;
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
    try {
        await promise;
    } catch (error) {
        return error as Error;
    }
    throw new Error("Expected a rejection.");
}

describe("Lambda service", () => {
    let service: LambdaService;
    let rendezvous: Rendezvous;

    beforeEach(async () => {
        service = new LambdaService();
        rendezvous = await Rendezvous.start();
    });

    afterEach(async () => {
        await service.close();
        await rendezvous.stop();
    });

    function messages(): string[] {
        return service.logs("processor").map(({ message }) => message);
    }

    async function create(code: string, changes: Parameters<typeof configure>[1] = {}): Promise<void> {
        await service.createFunction(configure(code, changes));
    }

    function invoke(event: unknown = {}): Promise<InvocationResult> {
        return service.invoke("processor", JSON.stringify(event));
    }

    describe("a handler", () => {
        it("gets the event and its result comes back", async () => {
            await create("exports.handler = async (event) => ({ doubled: event.number * 2, text: event.text });");
            const result = await invoke({ number: 21, text: "日本🔥" });
            expect(read(result)).to.deep.equal({ doubled: 42, text: "日本🔥" });
            expect(result).to.include({ statusCode: 200, executedVersion: "$LATEST" });
            expect(result).not.to.have.property("functionError");
        });

        it("that returns undefined answers null", async () => {
            await create("exports.handler = async () => {};");
            expect((await invoke()).payload).to.equal("null");
        });

        it("need not be asynchronous", async () => {
            await create("exports.handler = () => 7;");
            expect(read(await invoke())).to.equal(7);
        });

        it("gets a context as on AWS", async () => {
            await create(`exports.handler = async (event, context) => ({
                ...context, remaining: context.getRemainingTimeInMillis() });`);
            const result = await invoke();
            const context = read(result) as Record<string, unknown>;
            expect(context).to.include({
                functionName: "processor",
                functionVersion: "$LATEST",
                invokedFunctionArn: FUNCTION_ARN,
                memoryLimitInMB: "128",
                awsRequestId: result.requestId,
                logGroupName: "/aws/lambda/processor",
            });
            expect(context.logStreamName).to.match(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
            expect(context.remaining).to.be.within(25_000, 30_000);
        });

        it("keeps its module's state from one invocation to the next", async () => {
            await create("let count = 0; exports.handler = async () => { count += 1; return [count, process.pid]; };");
            const [, pid] = read(await invoke()) as number[];
            expect(read(await invoke())).to.deep.equal([2, pid]);
        });

        it("may be an ES module, in a folder, with a nested export", async () => {
            await create("", {
                files: { "source/app.mjs": "export const api = { run: async () => 'module' };" },
                handler: "source/app.api.run",
            });
            expect(read(await invoke())).to.equal("module");
        });

        it("that throws is an error with type, message and trace, and its process goes on", async () => {
            await create(`exports.handler = async () => {
                const error = new RangeError("too far"); error.pid = process.pid; throw error; };`);
            const error = readError(await invoke());
            expect(error).to.include({ errorType: "RangeError", errorMessage: "too far" });
            expect(error.trace?.[0]).to.equal("RangeError: too far");
            expect(error.trace?.[1]).to.contain("index.js");
            await invoke();
            expect(new Set(service.logs("processor").map(({ logStreamName }) => logStreamName))).to.have.lengthOf(1);
        });

        it("that throws something else than an Error is an error of that type", async () => {
            await create("exports.handler = async () => { throw 'words'; };");
            expect(readError(await invoke())).to.deep.equal({ errorType: "string", errorMessage: "words", trace: [] });
        });

        it("with a result that is no JSON fails", async () => {
            await create("exports.handler = async () => { const circle = {}; circle.self = circle; return circle; };");
            expect(readError(await invoke()).errorType).to.equal("Runtime.JSONStringifyError");
        });

        it("with a callback is refused", async () => {
            await create("exports.handler = (event, context, callback) => callback(null, 1);");
            const error = readError(await invoke());
            expect(error.errorType).to.equal("Runtime.CallbackHandlerDeprecated");
            expect(error.errorMessage).to.contain("has removed support for callback-based function handlers");
        });
    });

    describe("a process", () => {
        it("is killed at the time limit, and the next invocation has a new one", async () => {
            const code = "exports.handler = async (event) => { if (event.hang) for (;;); return 'well'; };";
            await create(code, { timeoutSeconds: 1 });
            const result = await invoke({ hang: true });
            expect(readError(result)).to.deep.equal({
                errorType: "Sandbox.Timedout",
                errorMessage: `RequestId: ${result.requestId} Error: Task timed out after 1.00 seconds`,
            });
            expect(messages().join("\n"))
                .to.match(/Task timed out after 1\.00 seconds/)
                .and.match(/Status: timeout/);
            expect(read(await invoke())).to.equal("well");
        });

        it("that exits fails its invocation", async () => {
            await create("exports.handler = async (event) => process.exit(event.code);");
            for (const [code, reason] of [
                [1, "Runtime exited with error: exit status 1"],
                [0, "Runtime exited without providing a reason"],
            ] as const) {
                const result = await invoke({ code });
                expect(readError(result)).to.deep.equal({
                    errorType: "Runtime.ExitError",
                    errorMessage: `RequestId: ${result.requestId} Error: ${reason}`,
                });
            }
        });

        it("that crashes on a signal fails its invocation", async () => {
            await create("exports.handler = async () => { process.kill(process.pid, 'SIGSEGV'); for (;;); };");
            expect(readError(await invoke()).errorMessage).to.contain("signal: segmentation fault");
        });

        it("that fills its heap ends", async () => {
            await create(`exports.handler = async () => {
                const kept = []; for (;;) kept.push(Array.from({ length: 100000 }, (_, i) => i + 0.5)); };`);
            const error = readError(await invoke());
            expect(error.errorType).to.equal("Runtime.ExitError");
            expect(error.errorMessage).to.match(/signal: aborted \(core dumped\)$/);
        }).timeout(30_000);

        it("ends at an unhandled rejection, with its reason", async () => {
            await create(`exports.handler = () => new Promise(() => {
                Promise.reject(new TypeError("nobody looks")); });`);
            const error = readError(await invoke());
            expect(error.errorType).to.equal("Runtime.UnhandledPromiseRejection");
            expect(error.errorMessage).to.equal("TypeError: nobody looks");
        });

        it("ends at an error that is thrown in a callback", async () => {
            await create(`exports.handler = () => new Promise(() => {
                setImmediate(() => { throw new TypeError("out of reach"); }); });`);
            expect(readError(await invoke())).to.include({ errorType: "TypeError", errorMessage: "out of reach" });
        });

        it("ends when the handler's promise is never settled", async () => {
            await create("exports.handler = () => new Promise(() => {});");
            const error = readError(await invoke());
            expect(error.errorType).to.equal("Runtime.NodeJsExit");
            expect(error.errorMessage).to.contain("a Promise that was never settled");
        });

        it("that fails between two invocations leaves the next one to another process", async () => {
            await create(`${rendezvous.code}
                exports.handler = async (event) => {
                    if (event.first) meet().then((socket) => socket.once("data", () => { throw new Error("late"); }));
                    return process.pid;
                };`);
            const first = read(await invoke({ first: true }));
            const socket = await rendezvous.next();
            socket.write("now");
            await Rendezvous.ended(socket);
            expect(read(await invoke())).not.to.equal(first);
            expect(messages().join("\n")).to.contain("late");
        });

        it("ends with what it has started", async () => {
            await create(`${rendezvous.code}
                const { spawn } = require("node:child_process");
                exports.handler = async () => {
                    spawn(process.execPath, ["-e", 'require("node:net").connect(${rendezvous.port}, "127.0.0.1")']);
                    await released(await meet());
                };`);
            const result = invoke();
            const sockets = [await rendezvous.next(), await rendezvous.next()];
            await service.close();
            await Promise.all(sockets.map((socket) => Rendezvous.ended(socket)));
            expect(readError(await result).errorMessage).to.contain("signal: killed");
        });
    });

    describe("a process in a group of its own", () => {
        const detaching = () => `${rendezvous.code}
            const { spawn } = require("node:child_process");
            exports.handler = async (event) => {
                const program = 'require("node:net").connect(${rendezvous.port}, "127.0.0.1")';
                spawn(process.execPath, ["-e", program], { detached: true, stdio: "ignore" }).unref();
                await released(await meet());
                if (event.exits) process.exit(1);
            };`;

        before(function () {
            // Elsewhere nothing tells whose child such a process was.
            if (process.platform !== "linux") this.skip();
        });

        it("ends with the service", async () => {
            await create(detaching());
            const result = invoke();
            const sockets = [await rendezvous.next(), await rendezvous.next()];
            await service.close();
            await Promise.all(sockets.map((socket) => Rendezvous.ended(socket)));
            await result;
        });

        it("ends with its environment, also when that exits by itself", async () => {
            await create(detaching());
            const result = invoke({ exits: true });
            const sockets = [await rendezvous.next(), await rendezvous.next()];
            sockets.forEach((socket) => socket.write("go on"));
            await Promise.all(sockets.map((socket) => Rendezvous.ended(socket)));
            await result;
        });
    });

    describe("initialization", () => {
        const failing = { "index.js": "throw new Error('no luck');" };

        it("that fails is the error of the invocation, each time anew", async () => {
            await create("", { files: failing });
            for (let times = 0; times < 2; times += 1) {
                expect(readError(await invoke())).to.include({ errorType: "Error", errorMessage: "no luck" });
            }
        });

        for (const { named, changes, errorType, errorMessage } of [
            {
                named: "a module that is not there",
                changes: { handler: "absent.handler" },
                errorType: "Runtime.ImportModuleError",
                errorMessage: /^Error: Cannot find module .*absent/,
            },
            {
                named: "a dependency that is not there",
                changes: { files: { "index.js": "require('chai');" } },
                errorType: "Runtime.ImportModuleError",
                errorMessage: /^Error: Cannot find module 'chai'/,
            },
            {
                named: "an export that is not there",
                changes: { handler: "index.absent" },
                errorType: "Runtime.HandlerNotFound",
                errorMessage: /^index\.absent is undefined or not exported$/,
            },
            {
                named: "an export that is no function",
                changes: { files: { "index.js": "exports.handler = 1;" } },
                errorType: "Runtime.HandlerNotFound",
                errorMessage: /^index\.handler is not a function$/,
            },
            {
                named: "a syntax error",
                changes: { files: { "index.js": "const = 1;" } },
                errorType: "Runtime.UserCodeSyntaxError",
                errorMessage: /^SyntaxError: /,
            },
        ]) {
            it(`with ${named} fails as on AWS`, async () => {
                await create("exports.handler = async () => {};", changes);
                const error = readError(await invoke());
                expect(error.errorType).to.equal(errorType);
                expect(error.errorMessage).to.match(errorMessage);
            });
        }

        it("that exits fails the invocation", async () => {
            await create("process.exit(3);");
            expect(readError(await invoke()).errorMessage).to.match(/exit status 3$/);
        });

        it("ahead of the first invocation serves it", async () => {
            const code = `${rendezvous.code} const met = meet(); exports.handler = async () => process.pid;`;
            await service.createFunction(configure(code));
            service.initialize("processor", 1);
            await rendezvous.next();
            await invoke();
            expect(new Set(service.logs("processor").map(({ logStreamName }) => logStreamName))).to.have.lengthOf(1);
        });

        it("ahead of the first invocation that fails leaves the error to the first invocation", async () => {
            await service.createFunction(configure("", { files: failing }));
            service.initialize("processor", 1);
            expect(readError(await invoke()).errorMessage).to.equal("no luck");
        });
    });

    describe("output", () => {
        it("without a line break at its end holds nothing up, and is logged", async () => {
            await create(
                'process.stdout.write("loading"); exports.handler = async () => { process.stdout.write("10%"); return 1; };',
            );
            expect(read(await invoke())).to.equal(1);
            expect(read(await invoke())).to.equal(1);
            expect(messages()).to.include("loading").and.include("10%");
            expect(messages().join()).not.to.include("\0");
        });
    });

    describe("surroundings", () => {
        it("have Lambda's variables, the function's, and nothing of the host's", async () => {
            process.env.HOST_SECRET = "leaked";
            try {
                await create("exports.handler = async () => process.env;", { environment: { TABLE: "posts" } });
                const environment = read(await invoke()) as Record<string, string>;
                expect(environment).to.include({
                    _HANDLER: "index.handler",
                    AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
                    AWS_DEFAULT_REGION: "eu-central-1",
                    AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
                    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
                    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
                    AWS_LAMBDA_FUNCTION_NAME: "processor",
                    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
                    AWS_REGION: "eu-central-1",
                    AWS_SECRET_ACCESS_KEY: "secret",
                    AWS_SESSION_TOKEN: "token",
                    TABLE: "posts",
                    TZ: ":UTC",
                });
                const known = /^(_HANDLER|AWS_[A-Z_]+|LAMBDA_TASK_ROOT|LANG|NODE_PATH|PATH|TABLE|TMPDIR|TZ)$/;
                expect(Object.keys(environment).filter((name) => !known.test(name))).to.deep.equal([]);
            } finally {
                delete process.env.HOST_SECRET;
            }
        });

        it("have the AWS SDK, for CommonJS and ES modules, and no other package of the host", async () => {
            await create("", {
                files: {
                    "index.mjs": `import { createRequire } from "node:module";
                        import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
                        const require = createRequire(import.meta.url);
                        const resolves = (name) => { try { return !!require(name); } catch { return false; } };
                        export const handler = async () => [DynamoDBClient.name,
                            resolves("@aws-sdk/client-kinesis"), resolves("@smithy/core"),
                            resolves("@pulumi/pulumi"), resolves("typescript"), resolves("tslib")];`,
                },
            });
            expect(read(await invoke())).to.deep.equal(["DynamoDBClient", true, true, false, false, false]);
        });

        it("are the archive as working directory, and a folder for temporary files that is gone at the end", async () => {
            await create("", { files: { ...SCRATCH_ARCHIVE, "data/words.txt": Buffer.from("from the archive") } });
            const found = read(await invoke()) as Record<"data" | "cwd" | "root" | "file", string>;
            const { data, cwd, root, file } = found;
            expect(data).to.equal("from the archive");
            expect(cwd).to.equal(root);
            expect(existsSync(file)).to.be.true;
            await service.close();
            expect([existsSync(file), existsSync(cwd), existsSync(dirname(dirname(cwd)))]).to.deep.equal([
                false,
                false,
                false,
            ]);
        });

        it("have no folder for temporary files any more when their process has ended", async () => {
            await create("exports.handler = async (event) => event.exits ? process.exit(1) : process.env.TMPDIR;");
            const folder = read(await invoke()) as string;
            expect(existsSync(folder)).to.equal(true);
            await invoke({ exits: true });
            await service.deleteFunction("processor");
            expect(existsSync(folder)).to.equal(false);
            expect(existsSync(dirname(folder))).to.equal(true);
        });

        it("have an archive that cannot be written", async function () {
            // Permissions of files do not hold back the superuser.
            if (process.getuid?.() === 0) this.skip();
            await create(`const { writeFileSync } = require("node:fs");
                exports.handler = async (event) => {
                    try { writeFileSync(event.name, ""); return "written"; } catch (error) { return error.code; }
                };`);
            expect(read(await invoke({ name: "new.txt" }))).to.equal("EACCES");
            expect(read(await invoke({ name: "index.js" }))).to.equal("EACCES");
        });

        it("are new, with new credentials, before the old ones expire", async () => {
            let starts = 0;
            const credentials = () => {
                starts += 1;
                const names = { accessKeyId: `KEY${starts}`, secretAccessKey: "secret", sessionToken: "token" };
                return { ...names, expiration: new Date(Date.now() + 60_000) };
            };
            await create("exports.handler = async () => process.env.AWS_ACCESS_KEY_ID;", { credentials });
            expect([read(await invoke()), read(await invoke())]).to.deep.equal(["KEY1", "KEY2"]);
        });
    });

    describe("concurrency", () => {
        const held = (code: string): string => `${code}
            exports.handler = async () => { await released(await meet()); return process.pid; };`;

        it("is a process per invocation at once", async () => {
            await create(held(rendezvous.code));
            const results = [invoke(), invoke()];
            const sockets = [await rendezvous.next(), await rendezvous.next()];
            sockets.forEach((socket) => socket.write("go"));
            const [first, second] = (await Promise.all(results)).map(read);
            expect(first).not.to.equal(second);
        });

        it("ends at the reservation", async () => {
            await create(held(rendezvous.code), { reservedConcurrentExecutions: 1 });
            const first = invoke();
            const socket = await rendezvous.next();
            expect(await rejection(invoke())).to.include({ code: "TooManyRequestsException", status: 429 });
            socket.write("go");
            expect((await first).functionError).to.be.undefined;
        });

        it("ends at what the account has for functions without a reservation", async () => {
            await service.close();
            service = new LambdaService({ unreservedConcurrencyMax: 1 });
            await create(held(rendezvous.code));
            const reserved = { functionName: "reserved", reservedConcurrentExecutions: 1 };
            await service.createFunction(configure("exports.handler = async () => 1;", reserved));
            const first = invoke();
            const socket = await rendezvous.next();
            expect(await rejection(invoke())).to.include({ code: "TooManyRequestsException" });
            expect((await service.invoke("reserved", "{}")).payload).to.equal("1");
            socket.write("go");
            await first;
        });

        it("of a reservation of 0 is none", async () => {
            await create(held(rendezvous.code), { reservedConcurrentExecutions: 0 });
            expect(await rejection(invoke())).to.include({
                code: "TooManyRequestsException",
                message: "Rate Exceeded.",
            });
        });
    });

    describe("payloads", () => {
        it("of more than 6 MB are refused", async () => {
            await create("exports.handler = async () => {};");
            const error = await rejection(service.invoke("processor", JSON.stringify("x".repeat(6_291_455))));
            expect(error).to.include({ code: "RequestTooLargeException", status: 413 });
            expect(error.message).to.equal(
                "6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)",
            );
        });

        it("of just 6 MB pass", async () => {
            await create("exports.handler = async (event) => event.length;");
            expect(read(await service.invoke("processor", JSON.stringify("x".repeat(6_291_454))))).to.equal(6_291_454);
        });

        it("of more than 6 MB in response fail the invocation", async () => {
            await create("exports.handler = async (event) => 'x'.repeat(event.length);");
            expect(readError(await invoke({ length: 6_291_555 })).errorType).to.equal("Function.ResponseSizeTooLarge");
            expect(read(await invoke({ length: 6_291_554 }))).to.have.lengthOf(6_291_554);
        });
    });

    describe("logs", () => {
        it("have what the function writes, between START and END, when the result is there", async () => {
            await create(`exports.handler = async () => {
                console.log("two\\nlines", { a: 1 }); console.error(new Error("seen")); process.stdout.write("raw\\n"); };`);
            const { requestId } = await invoke();
            const [start, log, error, raw, end, report, ...others] = messages();
            expect(start).to.equal(`START RequestId: ${requestId} Version: $LATEST`);
            expect(log).to.match(new RegExp(`^\\d{4}-.*Z\t${requestId}\tINFO\ttwo\nlines \\{ a: 1 \\}$`));
            expect(error).to.match(new RegExp(`^\\d{4}-.*Z\t${requestId}\tERROR\tError: seen\n    at `));
            expect(raw).to.equal("raw");
            expect(end).to.equal(`END RequestId: ${requestId}`);
            expect(report).to.match(
                /^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms$/,
            );
            expect(others).to.deep.equal([]);
        });

        it("in JSON are objects without debug messages", async () => {
            await create("exports.handler = async () => { console.debug('no'); console.warn('careful'); };", {
                logFormat: "JSON",
            });
            const { requestId } = await invoke();
            const events = messages().map((message) => JSON.parse(message) as Record<string, unknown>);
            expect(events.map(({ type, level }) => type ?? level)).to.deep.equal([
                "platform.start",
                "WARN",
                "platform.report",
            ]);
            expect(events[1]).to.include({ message: "careful", requestId });
        });

        for (const [level, kept] of [
            ["TRACE", ["trace", "debug", "log", "warn", "error", "text", "named debug", "named warn"]],
            ["INFO", ["log", "warn", "error", "text", "named warn"]],
            ["WARN", ["warn", "error", "named warn"]],
            ["FATAL", []],
        ] as const) {
            it(`in JSON have of the function's own lines those of the level ${level} and above`, async () => {
                await create(
                    `const line = (level) => JSON.stringify({ timestamp: new Date(), level, message: "named " + level });
                    exports.handler = async () => {
                        for (const name of ["trace", "debug", "log", "warn", "error"]) console[name](name);
                        process.stdout.write(["text", line("debug"), line("warn"), ""].join("\\n"));
                    };`,
                    { logFormat: "JSON", systemLogLevel: "WARN", applicationLogLevel: level },
                );
                expect((await invoke()).functionError).to.equal(undefined);
                const said = messages().map((text) =>
                    text.startsWith("{") ? (JSON.parse(text) as { message: string }).message : text,
                );
                expect(said).to.deep.equal(kept);
            });
        }

        for (const [title, actions, kept] of [
            ["are not kept if the role may not make a log stream", ["logs:PutLogEvents"], false],
            ["are not kept if the role may not write to one", ["logs:CreateLogStream"], false],
            ["are kept if the role may do both", ["logs:CreateLogStream", "logs:PutLogEvents"], true],
        ] as const) {
            it(`${title}; that is told once`, async () => {
                const problems: string[] = [];
                await service.close();
                service = new LambdaService({ onProblem: (problem) => problems.push(problem) });
                const Resource = "arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/processor:*";
                const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource }] };
                const arn = "arn:aws:sts::000000000000:assumed-role/processor/processor";
                const principal = { arn, policies: () => [policy] };
                const credentials = {
                    accessKeyId: "ASIA",
                    secretAccessKey: "secret",
                    sessionToken: "token",
                    principal,
                };
                await create(
                    "exports.handler = async (event) => event.exits ? process.exit(1) : console.log('seen');",
                    {
                        credentials: () => credentials,
                    },
                );
                await invoke();
                await invoke({ exits: true });
                await invoke();
                expect(messages().some((message) => message.includes("seen"))).to.equal(kept);
                expect(messages().length > 0).to.equal(kept);
                expect(problems).to.have.lengthOf(kept ? 0 : 1);
                if (!kept) {
                    expect(problems[0]).to.match(
                        /^Nothing that processor writes appears in \/aws\/lambda\/processor: User: arn:aws:sts::\S+ is not authorized to perform: logs:\w+ on resource: arn:aws:logs:eu-central-1:000000000000:log-group:\/aws\/lambda\/processor:log-stream:/,
                    );
                }
            });
        }

        it("go to listeners as they come", async () => {
            const heard: string[] = [];
            const stop = service.onLog(({ functionName, message }) => heard.push(`${functionName} ${message}`));
            await create("console.log('loaded'); exports.handler = async () => {};");
            await invoke();
            stop();
            await invoke();
            expect(heard[0]).to.match(/^processor .*\tundefined\tINFO\tloaded$/);
            expect(heard).to.have.lengthOf(4);
        });
    });

    describe("functions", () => {
        it("that are not there are not found", async () => {
            expect(await rejection(invoke())).to.include({ code: "ResourceNotFoundException", status: 404 });
            expect(() => service.logs("processor")).to.throw("Function not found: processor");
        });

        it("have names of their own", async () => {
            const first = create("exports.handler = async () => 1;");
            expect(await rejection(create(""))).to.include({ code: "ResourceConflictException" });
            await first;
            expect(await rejection(create(""))).to.include({ code: "ResourceConflictException" });
        });

        it("can be deleted while they run", async () => {
            await create(`${rendezvous.code} exports.handler = async () => { await released(await meet()); };`);
            const result = invoke();
            const socket = await rendezvous.next();
            await service.deleteFunction("processor");
            await Rendezvous.ended(socket);
            expect(readError(await result).errorType).to.equal("Runtime.ExitError");
            expect(await rejection(invoke())).to.include({ code: "ResourceNotFoundException" });
        });

        it("that are closed at once leave nothing", async () => {
            const created = service.createFunction(configure("exports.handler = async () => {};"));
            await service.close();
            await created;
            expect(await rejection(create(""))).to.include({ code: "ServiceException" });
        });
    });
});

const SCRATCH_ARCHIVE = {
    "index.js": `const { readFileSync, writeFileSync } = require("node:fs");
            exports.handler = async () => {
                const file = require("node:os").tmpdir() + "/scratch";
                writeFileSync(file, "x");
                return { data: readFileSync("data/words.txt", "utf8"), cwd: process.cwd(),
                    root: process.env.LAMBDA_TASK_ROOT, file };
            };`,
};
