import { Failure } from "../commandline/failure";
import { INTERRUPTED } from "../commandline/interrupt";
import { printable } from "../commandline/text";
import type { Bucket, ListedObject } from "./clients";
import { expiredLine, Unreadable, type Bundle, type Loaded } from "./failed-record";
import { Inventory } from "./inventory";
import { FOLDERS, readAwsObject, readQuarantineObject, type Origin } from "./objects";

/** Objects of one run; their names are held in memory. The next run takes the next ones. */
export const OBJECTS_MAX = 100_000;
/** An object is a batch at most: 6 MB of event, which grows a little as text in JSON. */
const OBJECT_BYTES_MAX = 64 * 1024 * 1024;
/** Objects that are read at a time, to see what there is. */
const READS_IN_FLIGHT_MAX = 8;

const READERS = { quarantine: readQuarantineObject, aws: readAwsObject } as const;

export interface Selection {
    /** Undefined for both. */
    readonly origin: Origin | undefined;
    /** Objects written before are left out; milliseconds since 1970. */
    readonly sinceMs: number;
    /** Aborted to end it. */
    readonly stop: AbortSignal;
}

/** S3 tells when an object was written to the second, rounded down. */
const WRITTEN_PRECISION_MS = 1_000;

/**
 * The objects of the failed-events bucket as bundles, by their names, at most `OBJECTS_MAX`.
 * @returns `isAll` is false when there are more
 */
export async function listBundles(
    bucket: Bucket,
    { origin, sinceMs, stop }: Selection,
): Promise<{ bundles: Bundle[]; isAll: boolean }> {
    const bundles: Bundle[] = [];
    const origins: readonly Origin[] = origin === undefined ? ["quarantine", "aws"] : [origin];
    for (const each of origins) {
        for await (const object of bucket.list(FOLDERS[each])) {
            if (stop.aborted) return { bundles, isAll: true };
            if (object.writtenMs + WRITTEN_PRECISION_MS <= sinceMs || isFolder(object)) continue;
            if (bundles.length === OBJECTS_MAX) return { bundles, isAll: false };
            bundles.push(objectBundle(bucket, each, object));
        }
    }
    return { bundles, isAll: true };
}

/** What the S3 console makes of "create folder". */
function isFolder({ key, bytes }: ListedObject): boolean {
    return key.endsWith("/") && bytes === 0;
}

function objectBundle(bucket: Bucket, origin: Origin, { key, bytes }: ListedObject): Bundle {
    return {
        name: key,
        origin,
        load: async (): Promise<Loaded | undefined> => {
            if (bytes > OBJECT_BYTES_MAX)
                throw new Unreadable(`it has ${bytes} bytes, more than the ${OBJECT_BYTES_MAX}`);
            const content = await bucket.read(key);
            return content && { records: READERS[origin](content), expired: 0, bytes: content.length };
        },
        markReplayed: () => bucket.markReplayed(key),
    };
}

export interface Surveying {
    readonly bundles: readonly Bundle[];
    /** Aborted to end it. */
    readonly stop: AbortSignal;
    /** A bundle that cannot be read, or not to its end, in a line. */
    readonly onLeft: (line: string) => void;
    /** Called when a bundle was looked at. */
    readonly onRead: () => void;
}

/** Looks at all bundles, a few at a time. Those that cannot be read are told, and left out. */
export async function survey({ bundles, stop, onLeft, onRead }: Surveying): Promise<Inventory> {
    const inventory = new Inventory();
    const waiting = bundles.values();
    let failure: Error | undefined;
    const look = async () => {
        for (const bundle of waiting) {
            if (stop.aborted || failure !== undefined) return;
            try {
                const loaded = await bundle.load();
                if (loaded === undefined) inventory.gone += 1;
                else inventory.add(bundle, loaded);
                if (loaded !== undefined && loaded.expired > 0) onLeft(expiredLine(bundle, loaded.expired));
            } catch (error) {
                if (error instanceof Unreadable) {
                    onLeft(`Left ${printable(bundle.name)}: ${error.message}.`);
                } else {
                    failure ??= error instanceof Error ? error : new Error(String(error));
                }
            }
            onRead();
        }
    };
    await Promise.all(Array.from({ length: READS_IN_FLIGHT_MAX }, look));
    if (failure !== undefined) throw failure;
    if (stop.aborted) throw new Failure("Interrupted: nothing was sent.", INTERRUPTED);
    return inventory;
}
