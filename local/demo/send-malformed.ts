import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import type { Properties } from "../deployment/values";

/** Every request is tried so often that a fault which passes does not lose a record. */
const ATTEMPTS_MAX = 20;
const REQUEST_RECORDS_MAX = 500;

/** Sends the records with the producer's credentials, as a client that is not ours would. */
export async function sendMalformed(
    records: readonly Uint8Array[],
    outputs: Properties,
    endpoint: string,
    signal: AbortSignal,
): Promise<void> {
    const { kinesisStream, region, accessKeyId, secretAccessKey } = outputs.values as Record<string, string>;
    const client = new KinesisClient({
        endpoint,
        region: region ?? "",
        credentials: { accessKeyId: accessKeyId ?? "", secretAccessKey: secretAccessKey ?? "" },
        maxAttempts: ATTEMPTS_MAX,
    });
    try {
        let waiting = records.map((Data, index) => ({ Data, PartitionKey: `malformed_${index}` }));
        for (let attempt = 0; waiting.length > 0; attempt += 1) {
            if (attempt === ATTEMPTS_MAX) throw new Error(`${waiting.length} malformed records could not be sent.`);
            const batch = waiting.slice(0, REQUEST_RECORDS_MAX);
            const command = new PutRecordsCommand({ StreamName: kinesisStream, Records: batch });
            const { Records: results = [] } = await client.send(command, { abortSignal: signal });
            const rejected = batch.filter((_, index) => results[index]?.ErrorCode !== undefined);
            waiting = [...rejected, ...waiting.slice(REQUEST_RECORDS_MAX)];
        }
    } finally {
        client.destroy();
    }
}
