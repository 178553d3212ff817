import { expect } from "chai";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Unreadable, type Bundle, type Loaded } from "../../replay/failed-record";
import type { Surveyed } from "../../replay/inventory";
import { LOADED_AHEAD_MAX, ReadAhead } from "../../replay/read-ahead";

/** A bundle that is loaded when it is told to be. */
class WaitingBundle implements Bundle {
    readonly origin = "quarantine";
    loads = 0;
    private end!: (error?: Error) => void;
    private readonly loaded: Promise<Loaded>;

    constructor(
        readonly name: string,
        private readonly bytes: number,
    ) {
        this.loaded = new Promise((resolve, reject) => {
            this.end = (error) => (error ? reject(error) : resolve({ records: [], expired: 0, bytes }));
        });
    }

    readonly load = () => {
        this.loads += 1;
        return this.loaded;
    };
    readonly markReplayed = async () => undefined;
    finish(error?: Error): void {
        this.end(error);
    }

    get surveyed(): Surveyed {
        return { bundle: this, first: 0n, records: 0, expired: 0, bytes: this.bytes };
    }
}

function bundlesOf(count: number, bytes = 1_000) {
    const bundles = Array.from({ length: count }, (_, n) => new WaitingBundle(String(n), bytes));
    const surveyed = bundles.map((bundle) => bundle.surveyed);
    const begun = () => bundles.filter(({ loads }) => loads > 0).length;
    return { bundles, surveyed, begun, readAhead: new ReadAhead(surveyed) };
}

describe("objects that are read before their records are due", () => {
    it("are the next few, each of them once", async () => {
        const { bundles, surveyed, begun, readAhead } = bundlesOf(20);
        const taken = readAhead.take(surveyed[0]!);
        expect(begun()).to.equal(1 + LOADED_AHEAD_MAX);
        for (const bundle of bundles) bundle.finish();
        await taken;
        for (const each of surveyed.slice(1)) await readAhead.take(each);
        expect(bundles.map(({ loads }) => loads)).to.deep.equal(bundles.map(() => 1));
    });

    it("are as many as the memory allows; one that is too large is read when it is due", async () => {
        const two = bundlesOf(5, 20 * 1024 * 1024);
        for (const bundle of two.bundles) bundle.finish();
        await two.readAhead.take(two.surveyed[0]!);
        expect(two.begun()).to.equal(2);
        const none = bundlesOf(5, 40 * 1024 * 1024);
        for (const [n, each] of none.surveyed.entries()) {
            none.bundles[n]!.finish();
            await none.readAhead.take(each);
            expect(none.begun()).to.equal(n + 1);
        }
    });

    it("that cannot be read are told when they are due, and hold up nothing", async () => {
        const { bundles, surveyed, readAhead } = bundlesOf(3);
        const [first, second, third] = surveyed.map((each) => readAhead.take.bind(readAhead, each));
        bundles[0]!.finish();
        bundles[2]!.finish();
        await first!();
        bundles[1]!.finish(new Unreadable("it is empty"));
        await nextTurn();
        const error = await second!().catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(Unreadable);
        expect(await third!()).to.include({ expired: 0 });
    });

    it("are waited for at the end, also when nobody takes them", async () => {
        const { bundles, surveyed, readAhead } = bundlesOf(3);
        bundles[0]!.finish();
        await readAhead.take(surveyed[0]!);
        let isSettled = false;
        const settled = readAhead.settled().then(() => (isSettled = true));
        bundles[1]!.finish(new Unreadable("it is empty"));
        await nextTurn();
        expect(isSettled).to.equal(false);
        bundles[2]!.finish();
        await settled;
    });
});
