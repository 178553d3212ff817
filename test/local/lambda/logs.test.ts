import { expect } from "chai";
import { read, useLambda } from "./fixture";

describe("the log of a function", () => {
    const lambda = useLambda();

    describe("output", () => {
        it("without a line break at its end holds nothing up, and is logged", async () => {
            await lambda.create(
                'process.stdout.write("loading"); exports.handler = async () => { process.stdout.write("10%"); return 1; };',
            );
            expect(read(await lambda.invoke())).to.equal(1);
            expect(read(await lambda.invoke())).to.equal(1);
            expect(lambda.messages()).to.include("loading").and.include("10%");
            expect(lambda.messages().join()).not.to.include("\0");
        });
    });

    describe("logs", () => {
        it("have what the function writes, between START and END, when the result is there", async () => {
            await lambda.create(`exports.handler = async () => {
                console.log("two\\nlines", { a: 1 }); console.error(new Error("seen")); process.stdout.write("raw\\n"); };`);
            const { requestId } = await lambda.invoke();
            const [start, log, error, raw, end, report, ...others] = lambda.messages();
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
            await lambda.create("exports.handler = async () => { console.debug('no'); console.warn('careful'); };", {
                logFormat: "JSON",
            });
            const { requestId } = await lambda.invoke();
            const events = lambda.messages().map((message) => JSON.parse(message) as Record<string, unknown>);
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
                await lambda.create(
                    `const line = (level) => JSON.stringify({ timestamp: new Date(), level, message: "named " + level });
                    exports.handler = async () => {
                        for (const name of ["trace", "debug", "log", "warn", "error"]) console[name](name);
                        process.stdout.write(["text", line("debug"), line("warn"), ""].join("\\n"));
                    };`,
                    { logFormat: "JSON", systemLogLevel: "WARN", applicationLogLevel: level },
                );
                expect((await lambda.invoke()).functionError).to.equal(undefined);
                const said = lambda
                    .messages()
                    .map((text) => (text.startsWith("{") ? (JSON.parse(text) as { message: string }).message : text));
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
                await lambda.restart({ onProblem: (problem) => problems.push(problem) });
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
                await lambda.create(
                    "exports.handler = async (event) => event.exits ? process.exit(1) : console.log('seen');",
                    {
                        credentials: () => credentials,
                    },
                );
                await lambda.invoke();
                await lambda.invoke({ exits: true });
                await lambda.invoke();
                expect(lambda.messages().some((message) => message.includes("seen"))).to.equal(kept);
                expect(lambda.messages().length > 0).to.equal(kept);
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
            const stop = lambda.service.onLog(({ functionName, message }) => heard.push(`${functionName} ${message}`));
            await lambda.create("console.log('loaded'); exports.handler = async () => {};");
            await lambda.invoke();
            stop();
            await lambda.invoke();
            expect(heard[0]).to.match(/^processor .*\tundefined\tINFO\tloaded$/);
            expect(heard).to.have.lengthOf(4);
        });
    });
});
