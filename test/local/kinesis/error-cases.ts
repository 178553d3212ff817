import { expect } from "chai";
import { emulator, expectMessage, failure, useKinesis, type KinesisUnderTest } from "./endpoint";

/** What fails, how it is called, and what AWS says to it. `{stream}` stands for the name of a stream of three shards. */
export interface ErrorCase {
    readonly name: string;
    readonly call: (client: KinesisUnderTest["client"], StreamName: string) => Promise<unknown>;
    readonly code: string;
    readonly message: string | RegExp;
}

/** Control operations may be called five times a second. */
const CALL_INTERVAL_MS = 200;

export const ACCOUNT = "\\d{12}";
/** A stream that is not there, and what is said of it. */
export const MISSING = "kinesis-suite-no-such-stream";
export const notFound = new RegExp(`^Stream ${MISSING} under account ${ACCOUNT} not found\\.$`);

/** The message of a ValidationException. */
export function constraint(value: string, place: string, sentence: string): string {
    return `1 validation error detected: Value ${value} at '${place}' failed to satisfy constraint: ${sentence}`;
}

export function describeErrors(title: string, cases: readonly ErrorCase[]): void {
    describe(title, () => {
        const kinesis = useKinesis();
        let stream = "";
        before(async () => {
            stream = await kinesis.createStream({ ShardCount: 3 });
        });

        for (const { name, call, code, message } of cases) {
            it(`${name}: ${code}`, async () => {
                // No case is about too many calls.
                await kinesis.pause(emulator?.throttles === false ? 0 : CALL_INTERVAL_MS);
                const error = await failure(call(kinesis.client, stream)).catch(async (accepted: unknown) => {
                    // Other cases count on a stream that is as it was created.
                    stream = await kinesis.createStream({ ShardCount: 3 });
                    throw accepted;
                });
                expect(error.name).to.equal(code);
                const expected = typeof message === "string" ? message : message.source.replaceAll("{stream}", stream);
                expectMessage(error, typeof message === "string" ? message : new RegExp(expected));
            });
        }
    });
}
