import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { setTimeout as delay } from "node:timers/promises";
import { backoffMs } from "../../producer/backoff";
import type { Properties } from "../deployment/values";

/** Every record is tried so often, as is every request, that a fault which passes does not lose one. */
const ATTEMPTS_MAX = 20;
const REQUEST_RECORDS_MAX = 500;

/** Sends the records with the producer's credentials, as a client that is not ours would: a request after the other. */
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
        for (let start = 0; start < records.length; start += REQUEST_RECORDS_MAX) {
            let waiting = records
                .slice(start, start + REQUEST_RECORDS_MAX)
                .map((Data, index) => ({ Data, PartitionKey: `malformed_${start + index}` }));
            for (let attempt = 1; ; attempt += 1) {
                const command = new PutRecordsCommand({ StreamName: kinesisStream, Records: waiting });
                const { Records: results = [] } = await client.send(command, { abortSignal: signal });
                waiting = waiting.filter((_, index) => results[index]?.ErrorCode !== undefined);
                if (waiting.length === 0) break;
                if (attempt === ATTEMPTS_MAX) throw new Error(`${waiting.length} malformed records could not be sent.`);
                await delay(backoffMs(attempt, Math.random), undefined, { signal });
            }
        }
    } finally {
        client.destroy();
    }
}
