import { expect } from "chai";
import { Failure } from "../../commandline/failure";
import type { Bucket, ListedObject } from "../../replay/clients";
import { Unreadable, type Bundle } from "../../replay/failed-record";
import { listBundles, OBJECTS_MAX, survey, type Selection } from "../../replay/survey";
import { failed, StubBundle } from "./support/records";

const CONTENT = Buffer.from(
    JSON.stringify({
        reason: "not JSON",
        sequenceNumber: "1",
        partitionKey: "ada",
        approximateArrivalTime: "2026-11-23T00:00:00.000Z",
        data: "",
    }),
);

/** A bucket with these objects, in pages as S3 gives them. */
function bucketOf(objects: Iterable<ListedObject>): Bucket {
    return {
        list: async function* (prefix) {
            for (const object of objects) if (object.key.startsWith(prefix)) yield object;
        },
        read: async (key) => (key.endsWith("gone") ? undefined : CONTENT),
        markReplayed: async () => undefined,
    };
}

function bundleWith(name: string, load: Bundle["load"]): Bundle {
    return { name, origin: "quarantine", load, markReplayed: async () => undefined };
}

function listed(key: string, writtenMs = 5_000, bytes = 10): ListedObject {
    return { key, bytes, writtenMs };
}

async function namesIn(objects: Iterable<ListedObject>, selection: Partial<Selection> = {}) {
    const all = { origin: undefined, sinceMs: -Infinity, stop: new AbortController().signal };
    const { bundles, isAll } = await listBundles(bucketOf(objects), { ...all, ...selection });
    return { names: bundles.map(({ name }) => name), isAll };
}

describe("the objects that a replay lists", () => {
    it("are those of the two folders, or of one", async () => {
        const objects = ["aws/lambda/a", "other/b", "quarantine/c", "replayed/quarantine/d"].map((key) => listed(key));
        expect((await namesIn(objects)).names).to.deep.equal(["quarantine/c", "aws/lambda/a"]);
        expect((await namesIn(objects, { origin: "aws" })).names).to.deep.equal(["aws/lambda/a"]);
    });

    it("are those written since a time, which S3 tells to the second", async () => {
        const objects = [listed("quarantine/second", 5_000)];
        expect((await namesIn(objects, { sinceMs: 5_000 })).names).to.have.length(1);
        // It may have been written at 5.999 s.
        expect((await namesIn(objects, { sinceMs: 5_999 })).names).to.have.length(1);
        expect((await namesIn(objects, { sinceMs: 6_000 })).names).to.have.length(0);
    });

    it("are not what the console makes for a folder", async () => {
        const objects = [listed("quarantine/folder/", 5_000, 0), listed("quarantine/empty", 5_000, 0)];
        expect((await namesIn(objects)).names).to.deep.equal(["quarantine/empty"]);
    });

    it("are no more than a run holds, and that there are more is told", async () => {
        const objects = Array.from({ length: OBJECTS_MAX + 1 }, (_, n) => listed(`quarantine/${n}`));
        expect((await namesIn(objects.slice(1))).isAll).to.equal(true);
        const { names, isAll } = await namesIn(objects);
        expect([names.length, isAll]).to.deep.equal([OBJECTS_MAX, false]);
    });

    it("are listed no further when it is asked to stop", async () => {
        const stop = new AbortController();
        let given = 0;
        const endless = function* () {
            for (;;) {
                given += 1;
                if (given === 10) stop.abort();
                yield listed(`quarantine/${given}`);
            }
        };
        await namesIn(endless(), { stop: stop.signal });
        expect(given).to.equal(10);
    });
});

describe("looking at what failed", () => {
    const look = async (bundles: Parameters<typeof survey>[0]["bundles"], stop = new AbortController()) => {
        const lines: string[] = [];
        let read = 0;
        const inventory = await survey({
            bundles,
            stop: stop.signal,
            onLeft: (line) => lines.push(line),
            onRead: () => (read += 1),
        });
        return { inventory, lines, read };
    };

    it("counts records, reasons and times, and passes over what is gone", async () => {
        const { bundles } = await listBundles(
            bucketOf(["quarantine/a", "quarantine/gone", "quarantine/b"].map((key) => listed(key))),
            { origin: undefined, sinceMs: -Infinity, stop: new AbortController().signal },
        );
        const { inventory, lines, read } = await look(bundles);
        expect(lines).to.deep.equal([]);
        expect([read, inventory.gone]).to.deep.equal([3, 1]);
        expect(inventory.toJson()).to.deep.equal({
            objects: 2,
            records: 2,
            reasons: { "not JSON": 2 },
            firstArrival: "2026-11-23T00:00:00Z",
            lastArrival: "2026-11-23T00:00:00Z",
        });
    });

    it("tells what cannot be read, and leaves it out", async () => {
        const damaged = bundleWith("damaged", () => Promise.reject(new Unreadable("it is empty")));
        const { inventory, lines } = await look([damaged, new StubBundle("b", [failed(1)])]);
        expect(lines).to.deep.equal(["Left damaged: it is empty."]);
        expect(inventory.records).to.equal(1);
    });

    it("tells an object that is larger than a batch can be, without reading it", async () => {
        const { bundles } = await listBundles(bucketOf([listed("quarantine/large", 5_000, 65 * 1024 * 1024)]), {
            origin: undefined,
            sinceMs: -Infinity,
            stop: new AbortController().signal,
        });
        const { lines } = await look(bundles);
        expect(lines[0]).to.equal("Left quarantine/large: it has 68157440 bytes, more than the 67108864.");
    });

    it("ends with the failure of the bucket, and when it is asked to stop", async () => {
        const failing = bundleWith("a", () => Promise.reject(new Failure("There is no bucket.")));
        const error = await look([failing]).catch((thrown: unknown) => thrown);
        expect(error).to.have.property("message", "There is no bucket.");
        const stop = new AbortController();
        stop.abort();
        const interrupted = await look([new StubBundle("a", [failed(1)])], stop).catch((thrown: unknown) => thrown);
        expect(interrupted).to.include({ message: "Interrupted: nothing was sent.", exitCode: 130 });
    });
});
