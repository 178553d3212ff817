import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { explainFault, isForCredentials } from "./faults";
import type { Outgoing } from "./outgoing";
import { readAnswer, requestBody, type PutRecords, type Rejections } from "./put-records";
import { Renewal } from "./renewal";
import { StreamFault } from "./stream-fault";
import { REQUESTS_IN_FLIGHT_MAX } from "./sender";

const CONNECTION_MS_MAX = 5_000;
/** A request of 5 MiB takes 42 s on a line of 1 Mbit/s. */
const REQUEST_MS_MAX = 60_000;

/** Read by the SDK's providers of profiles: a file that was rewritten is read again. */
const PROFILES = { ignoreCache: true };

/** Which stream, and who writes to it. */
export interface StreamTarget {
    streamName: string;
    region: string;
    /** Without, those that the AWS SDK finds by itself: environment, profile, role. */
    credentials?: { accessKeyId: string; secretAccessKey: string };
}

export interface Stream {
    putRecords: PutRecords;
    /** Closes the connections. */
    close: () => void;
}

/**
 * A client for that stream. The endpoint is the region's, or `AWS_ENDPOINT_URL`, which the SDK reads by itself.
 *
 * The SDK's own default for Kinesis is HTTP/2 with a connection of its own for every request. Measured with requests of 500
 * records of 330 bytes against a server on the same two cores, in records per second, with 1, 2, 4 and 8 requests in flight:
 * HTTP/1.1 with kept connections 78k, 122k, 153k, 111k; HTTP/2 as it comes 66k, 70k, 94k, 79k; HTTP/2 with one shared
 * connection 72k, 81k, 72k, 85k. The first response comes equally soon. Across a network, a connection per request adds its
 * TLS handshake to each.
 */
export function openStream(target: StreamTarget, now: () => number = () => performance.now()): Stream {
    const { streamName, region, credentials } = target;
    const client = new KinesisClient({
        region,
        ...(credentials === undefined ? PROFILES : { credentials }),
        // The sender retries, as only it knows which records and in which order; and says so while it does.
        maxAttempts: 1,
        requestHandler: new NodeHttpHandler({
            connectionTimeout: CONNECTION_MS_MAX,
            // The first bounds the wait for a response, the second silence in the middle of one.
            requestTimeout: REQUEST_MS_MAX,
            throwOnRequestTimeout: true,
            socketTimeout: REQUEST_MS_MAX,
            httpAgent: { keepAlive: true, maxSockets: REQUESTS_IN_FLIGHT_MAX },
            httpsAgent: { keepAlive: true, maxSockets: REQUESTS_IN_FLIGHT_MAX },
        }),
    });
    const renewal = new Renewal(() => client.config.credentials({ forceRefresh: true }), now);
    return {
        putRecords: async (records, abort) => {
            const command = new PutRecordsRequest(streamName, records);
            try {
                await client.send(command, { abortSignal: abort });
                renewal.worked();
                return command.rejections;
            } catch (error) {
                const explained = explainFault(error, target);
                if (credentials !== undefined || !(explained instanceof StreamFault) || !isForCredentials(error)) {
                    throw explained;
                }
                throw (await renewal.mayPass()) ? new StreamFault(withoutFullStop(explained.message), true) : explained;
            }
        },
        close: () => client.destroy(),
    };
}

/**
 * The SDK's command with a body of our own making, and its answer read by ourselves: see `requestBody`. It hooks in where the
 * SDK lets its users do so: https://aws.amazon.com/blogs/developer/middleware-stack-modular-aws-sdk-js/
 */
class PutRecordsRequest extends PutRecordsCommand {
    rejections: Rejections = new Map();

    constructor(streamName: string, records: readonly Outgoing[]) {
        super({ StreamName: streamName, Records: [] });
        this.middlewareStack.add(
            (next) => (args) => {
                (args.request as Request).body = requestBody(streamName, records);
                return next(args);
            },
            // Before the length of the body is taken and it is signed.
            { step: "build", priority: "high", name: "writeRecords" },
        );
        this.middlewareStack.add(
            (next) => async (args) => {
                const result = await next(args);
                const response = result.response as Response;
                if (response.statusCode !== 200) return result;
                this.rejections = readResults(await collect(response.body), records.length);
                response.body = NO_RECORDS;
                return result;
            },
            // Next to the connection: before the SDK reads the answer.
            { step: "deserialize", priority: "low", name: "readResults" },
        );
    }
}

/** As part of a sentence, for a fault that may pass. */
function withoutFullStop(sentence: string): string {
    return sentence.replace(/\.$/, "").replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

interface Request {
    body: Uint8Array;
}

interface Response {
    statusCode: number;
    body: AsyncIterable<Buffer> | Uint8Array;
}

/** What is left for the SDK to read. */
const NO_RECORDS = Buffer.from('{"Records":[]}');

function readResults(body: Buffer, records: number): Rejections {
    try {
        return readAnswer(body, records);
    } catch (error) {
        throw new StreamFault(
            `the answer cannot be read (${error instanceof Error ? error.message : String(error)})`,
            true,
        );
    }
}

async function collect(body: Response["body"]): Promise<Buffer> {
    if (body instanceof Uint8Array) return Buffer.from(body);
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks);
}
