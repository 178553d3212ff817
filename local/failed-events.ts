import type { S3Service, StoredObject } from "./s3/service";

/** What the function cannot store, a line for each record, and the batches that Lambda gave up. */
export const QUARANTINE_PREFIX = "quarantine/";
export const FAILED_BATCH_PREFIX = "aws/lambda/";

const LINE_FEED = 10;
/** The number of a failed batch's records comes before its payload, which may have megabytes. */
const METADATA_BYTES_MAX = 4_096;

export interface FailedEvent {
    readonly key: string;
    readonly timeMs: number;
    readonly bytes: number;
    /** How many records it holds; 0 for what is neither quarantine nor a failed batch. */
    readonly records: number;
}

/** Keeps count of the failed-events bucket. */
export class FailedEvents {
    /** By key, those written last at the end. */
    private readonly events = new Map<string, FailedEvent>();
    private recordsTotal = 0;
    private readonly unsubscribe: () => void;

    constructor(
        private readonly s3: S3Service,
        readonly bucket: string,
        onError: (error: unknown) => void,
    ) {
        this.unsubscribe = s3.onWrite((change) => {
            if (change.bucket !== bucket) return;
            if (change.kind === "deleted") this.forget(change.key);
            else this.read(change.key).catch(onError);
        });
        this.list().catch(onError);
    }

    /** Records in the bucket. One that failed in a batch and is quarantined as well counts twice. */
    get records(): number {
        return this.recordsTotal;
    }

    get objects(): number {
        return this.events.size;
    }

    /** Those written last first. */
    newest(limit: number): FailedEvent[] {
        return Array.from(this.events.values()).slice(-limit).reverse();
    }

    has(key: string): boolean {
        return this.events.has(key);
    }

    stop(): void {
        this.unsubscribe();
    }

    private async list(): Promise<void> {
        for (let startAfter: string | undefined = ""; startAfter !== undefined;) {
            const { objects, next } = await this.s3.listObjects(this.bucket, { startAfter });
            for (const object of objects) if (!this.has(object.key)) this.remember(object);
            startAfter = next;
        }
    }

    private async read(key: string): Promise<void> {
        this.remember(await this.s3.getObject(this.bucket, key));
    }

    private remember(object: StoredObject): void {
        this.forget(object.key);
        const records = recordsOf(object);
        const { key, contentLength: bytes, lastModified } = object;
        this.events.set(key, { key, bytes, records, timeMs: lastModified.getTime() });
        this.recordsTotal += records;
    }

    private forget(key: string): void {
        this.recordsTotal -= this.events.get(key)?.records ?? 0;
        this.events.delete(key);
    }
}

function recordsOf({ key, body }: StoredObject): number {
    if (key.startsWith(QUARANTINE_PREFIX)) return lines(body);
    if (!key.startsWith(FAILED_BATCH_PREFIX)) return 0;
    const metadata = body.toString("latin1", 0, METADATA_BYTES_MAX);
    return Number(/"batchSize":(\d+)/.exec(metadata)?.[1] ?? 0);
}

function lines(body: Buffer): number {
    let count = 0;
    for (let at = body.indexOf(LINE_FEED); at !== -1; at = body.indexOf(LINE_FEED, at + 1)) count += 1;
    return count;
}
