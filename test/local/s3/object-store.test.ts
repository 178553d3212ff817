import { expect } from "chai";
import fc from "fast-check";
import { ObjectStore } from "../../../local/s3/object-store";

/** Letters that sort differently by language, by UTF-16 and by UTF-8, and the delimiter. */
const key = fc.string({ unit: fc.constantFrom("a", "B", "é", "/", "\uffee", "😀"), minLength: 1, maxLength: 5 });

function storeWith(keys: readonly string[]): ObjectStore {
    const store = new ObjectStore(Date.now, () => undefined);
    store.createBucket("bucket");
    keys.forEach((one) => store.putObject("bucket", one, Buffer.from(one)));
    return store;
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe("listing objects", () => {
    it("page by page gives every key once, in the order of bytes", () => {
        const pages = fc.integer({ min: 1, max: 4 });
        fc.assert(
            fc.property(fc.uniqueArray(key), key, pages, (keys, prefix, maxKeys) => {
                const store = storeWith(keys);
                const listed: string[] = [];
                let startAfter: string | undefined;
                do {
                    const page = store.listObjects("bucket", {
                        prefix,
                        maxKeys,
                        ...(startAfter ? { startAfter } : {}),
                    });
                    expect(page.objects.length).to.be.at.most(maxKeys);
                    listed.push(...page.objects.map((object) => object.key));
                    startAfter = page.next;
                } while (startAfter !== undefined);
                expect(listed).to.deep.equal(keys.filter((one) => one.startsWith(prefix)).sort(byBytes));
            }),
        );
    });

    it("by folders gives every key or its folder once, page by page", () => {
        const pages = fc.integer({ min: 1, max: 4 });
        fc.assert(
            fc.property(fc.uniqueArray(key), pages, (keys, maxKeys) => {
                const store = storeWith(keys);
                const listed: string[] = [];
                let startAfter: string | undefined;
                do {
                    const asked = { delimiter: "/", maxKeys, ...(startAfter ? { startAfter } : {}) };
                    const page = store.listObjects("bucket", asked);
                    listed.push(...page.objects.map((object) => object.key), ...page.commonPrefixes);
                    startAfter = page.next;
                } while (startAfter !== undefined);
                const folders = keys.map((one) => (one.includes("/") ? one.slice(0, one.indexOf("/") + 1) : one));
                expect(listed.sort(byBytes)).to.deep.equal(Array.from(new Set(folders)).sort(byBytes));
            }),
        );
    });

    it("gives at most 1,000 keys, and none if none are asked for", () => {
        const store = storeWith(Array.from({ length: 1_001 }, (_, index) => String(index).padStart(4, "0")));
        const { objects, next } = store.listObjects("bucket", { maxKeys: 5_000 });
        expect([objects.length, next]).to.deep.equal([1_000, "0999"]);
        expect(store.listObjects("bucket", { maxKeys: 0 })).to.deep.equal({
            objects: [],
            commonPrefixes: [],
            next: undefined,
        });
    });
});
