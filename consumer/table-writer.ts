import type { Delivery, Malformed } from "./delivery";
import { describeFault } from "./fault";
import type { Fault } from "./fault";
import { itemKey, versionOf } from "./item";
import type { Item } from "./item";
import { requestTimeoutMs, waitForRetry } from "./pace";
import type { Pace } from "./pace";
import { compareVersions } from "./version";

/** DynamoDB: a BatchWriteItem request has at most 25 puts … */
export const PUTS_PER_REQUEST_MAX = 25;
/** … and 16 MB "over the network", thus as JSON, in which an item can be longer than the 400 KB that it has once stored. */
export const REQUEST_BYTES_MAX = 16_000_000;
/** What the request has around the values: `{"PutRequest":{"Item":{…}}}`, and for each attribute its name and `{"S":…}`. */
const PUT_ENVELOPE_BYTES = 300;
/** In JSON, a character (of UTF-16) takes at most so many bytes of UTF-8: as `\u0001`. */
const CHARACTER_BYTES_MAX = 6;
/** A batch of the default size, 500 records, takes one round trip to the table. */
export const REQUESTS_IN_FLIGHT_MAX = 20;

/** The table, as this module needs it. */
export interface Table {
    /**
     * Puts items of different keys in one request.
     * @returns the items that the table did not take this time (UnprocessedItems).
     * @throws the error of the request, also when it took longer than the given time.
     */
    put: (items: Item[], timeoutMs: number) => Promise<Item[]>;
    /**
     * Puts one item, unless the table has a later version of it: then it does nothing.
     * @throws the error of the request, also when it took longer than the given time.
     */
    putUnlessLater: (item: Item, timeoutMs: number) => Promise<void>;
}

export interface Candidate {
    delivery: Delivery;
    item: Item;
    /** A replayed post can be older than what the table has; all others come in the order of the stream. */
    isReplay: boolean;
}

/** Every delivery given to the writer is in exactly one of the three lists. */
export interface WriteOutcome {
    /** In the table, or superseded by a later post with the same key that is. */
    stored: Delivery[];
    /** Refused by the table for ever. */
    refused: Malformed[];
    /** Not settled in time. */
    failed: Delivery[];
    /** Puts that were sent again. */
    retried: number;
    faults: Fault[];
}

/** All posts of one key, oldest version first; the last one is to be stored. */
interface Group {
    key: string;
    candidates: Candidate[];
    latest: Candidate;
    /** True once the latest one was in a request. */
    sent: boolean;
}

interface Run {
    table: Table;
    pace: Pace;
    queue: Group[][];
    outcome: WriteOutcome;
}

/**
 * Stores the latest post of each key. There is one put for each key, so that no retry overtakes a newer post and no request
 * has a key twice, which DynamoDB refuses as a whole. A replayed post goes alone, on the condition that the table has no later
 * version of it, which BatchWriteItem cannot ask for. Never rejects: what could not be stored is in the outcome.
 */
export async function storeLatest(candidates: Candidate[], table: Table, pace: Pace): Promise<WriteOutcome> {
    const outcome: WriteOutcome = { stored: [], refused: [], failed: [], retried: 0, faults: [] };
    const run: Run = { table, pace, queue: intoRequests(groupByKey(candidates)), outcome };
    const workers = Array.from({ length: Math.min(REQUESTS_IN_FLIGHT_MAX, run.queue.length) }, () => work(run));
    await Promise.all(workers);
    return outcome;
}

async function work(run: Run): Promise<void> {
    for (let groups = run.queue.shift(); groups !== undefined; groups = run.queue.shift()) {
        await settle(groups, run);
    }
}

/** Sends one request, and what is left of it again, until all of it is stored, refused or out of time. */
async function settle(groups: Group[], run: Run): Promise<void> {
    const { outcome, pace } = run;
    let pending = groups;
    for (let retry = 0; pending.length > 0; retry++) {
        const timeoutMs = requestTimeoutMs(pace);
        if (timeoutMs <= 0 || outcome.faults.some(({ kind }) => kind === "lasting")) break;
        outcome.retried += pending.filter(({ sent }) => sent).length;
        for (const group of pending) group.sent = true;
        try {
            const left = groupsOf(await request(pending, run.table, timeoutMs), pending);
            for (const group of pending) if (!left.includes(group)) outcome.stored.push(...deliveriesOf(group));
            pending = left;
        } catch (error) {
            const fault = describeFault(error);
            outcome.faults.push(fault);
            if (fault.kind === "lasting") break;
            if (fault.kind === "refused") {
                separate(pending, fault, run);
                return;
            }
        }
        if (pending.length > 0 && !(await waitForRetry(retry, pace))) break;
    }
    outcome.failed.push(...pending.flatMap(deliveriesOf));
}

async function request(groups: Group[], table: Table, timeoutMs: number): Promise<Item[]> {
    const [group] = groups;
    if (group?.latest.isReplay !== true) {
        return table.put(
            groups.map(({ latest }) => latest.item),
            timeoutMs,
        );
    }
    await table.putUnlessLater(group.latest.item, timeoutMs);
    return [];
}

/**
 * Finds the record for which the table refused a request: each put of the request is sent alone, and the one that is refused
 * alone is at fault. The post before it with the same key, if there is one, then takes its place.
 */
function separate(groups: Group[], fault: Fault, run: Run): void {
    const [group] = groups;
    if (group === undefined) return;
    if (groups.length > 1) {
        run.queue.unshift(...groups.map((each) => [each]));
        return;
    }
    run.outcome.refused.push({ delivery: group.latest.delivery, reason: `refused by the table: ${fault.message}` });
    const candidates = group.candidates.slice(0, -1);
    const latest = candidates.at(-1);
    if (latest !== undefined) run.queue.unshift([{ key: group.key, candidates, latest, sent: false }]);
}

function groupByKey(candidates: Candidate[]): Group[] {
    const groups = new Map<string, Group>();
    for (const candidate of candidates.toSorted(compareCandidates)) {
        const key = itemKey(candidate.item);
        const group = groups.get(key);
        if (group === undefined) {
            groups.set(key, { key, candidates: [candidate], latest: candidate, sent: false });
        } else {
            group.candidates.push(candidate);
            group.latest = candidate;
        }
    }
    return [...groups.values()];
}

/** Of one version that came twice, as replays of it do, the later delivery wins: it may be fixed better. */
function compareCandidates(a: Candidate, b: Candidate): number {
    return compareVersions(versionOf(a.item), versionOf(b.item)) || compareVersions(a.delivery, b.delivery);
}

/** Divides the groups into requests within DynamoDB's limits, in their order; replayed posts follow, each alone. */
function intoRequests(groups: Group[]): Group[][] {
    const requests: Group[][] = [];
    let bytes = 0;
    for (const group of groups.filter(({ latest }) => !latest.isReplay)) {
        const putBytes = putBytesMax(group.latest.item);
        const request = requests.at(-1);
        if (request === undefined || request.length >= PUTS_PER_REQUEST_MAX || bytes + putBytes > REQUEST_BYTES_MAX) {
            requests.push([group]);
            bytes = putBytes;
        } else {
            request.push(group);
            bytes += putBytes;
        }
    }
    requests.push(...groups.filter(({ latest }) => latest.isReplay).map((group) => [group]));
    return requests;
}

/** At least what a put takes in a request: mostly far more, but quick to know. */
function putBytesMax({ Username, Id, Timestamp, Message, Source, SequenceNumber }: Item): number {
    const { length } = Username + Id + Timestamp + Message + Source + SequenceNumber;
    return PUT_ENVELOPE_BYTES + length * CHARACTER_BYTES_MAX;
}

/** The groups to which unprocessed items belong. An item that was never sent makes the whole answer incredible. */
function groupsOf(unprocessed: Item[], sent: Group[]): Group[] {
    const keys = new Set(unprocessed.map(itemKey));
    const left = sent.filter((group) => keys.has(group.key));
    return left.length === keys.size ? left : sent;
}

function deliveriesOf(group: Group): Delivery[] {
    return group.candidates.map(({ delivery }) => delivery);
}
