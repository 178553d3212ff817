import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { StackOutputs } from "./config";
import { REQUESTS_IN_FLIGHT_MAX } from "./sender";
import type { PutRecords } from "./stream-fault";
import { explainFault } from "./faults";

const CONNECTION_MS_MAX = 5_000;
/** A request of 5 MiB takes 42 s on a line of 1 Mbit/s. */
const REQUEST_MS_MAX = 60_000;

export interface Stream {
    putRecords: PutRecords;
    /** Closes the connections. */
    close: () => void;
}

/**
 * The stack's stream. The endpoint is the region's, or `AWS_ENDPOINT_URL`, which the SDK reads by itself.
 *
 * The SDK's own default for Kinesis is HTTP/2 with a connection of its own for every request. Measured with requests of 500
 * records of 330 bytes against a server on the same two cores, in records per second, with 1, 2, 4 and 8 requests in flight:
 * HTTP/1.1 with kept connections 78k, 122k, 153k, 111k; HTTP/2 as it comes 66k, 70k, 94k, 79k; HTTP/2 with one shared
 * connection 72k, 81k, 72k, 85k. The first response comes equally soon. Across a network, a connection per request adds its
 * TLS handshake to each.
 */
export function openStream(outputs: StackOutputs): Stream {
    const { kinesisStream, region, accessKeyId, secretAccessKey } = outputs;
    const client = new KinesisClient({
        region,
        credentials: { accessKeyId, secretAccessKey },
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
    return {
        putRecords: async (records, abort) => {
            const command = new PutRecordsCommand({
                StreamName: kinesisStream,
                Records: records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
            });
            try {
                const { Records: results = [] } = await client.send(command, { abortSignal: abort });
                if (results.length !== records.length)
                    throw new TypeError(`${results.length} results for ${records.length} records`);
                return results.map(({ ErrorCode: code }) => (code === "" ? undefined : code));
            } catch (error) {
                throw explainFault(error, outputs);
            }
        },
        close: () => client.destroy(),
    };
}
