import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { Failure, UsageError } from "../../../commandline/failure";
import { fileSource, readPosts } from "../../../producer/sources/file";
import type { Refusal, SourceContext } from "../../../producer/sources/source";
import type { WireRecord } from "../../../wire-record";

const timestamp = "2026-11-23T06:00:00.000Z";
const line = (id: number, message = "") =>
    JSON.stringify({ username: "a", id: String(id), timestamp, message, source: "s" });

function context(stop = new AbortController()): SourceContext & { refusals: Refusal[] } {
    const refusals: Refusal[] = [];
    return {
        refusals,
        stop: stop.signal,
        refuse: (refusal) => refusals.push(refusal),
        drop: () => expect.fail("It dropped a post."),
        notice: () => undefined,
        random: () => 0.5,
        giveUp: stop.signal,
        now: () => new Date(),
        elapsedMs: () => 0,
        wait: async () => undefined,
    };
}

async function all(chunks: AsyncIterable<readonly WireRecord[]>): Promise<WireRecord[]> {
    const posts: WireRecord[] = [];
    for await (const chunk of chunks) posts.push(...chunk);
    return posts;
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
    return promise.then(
        () => expect.fail("It did not fail."),
        (error: unknown) => error as Error,
    );
}

describe("the file source", () => {
    let folder: string;
    before(() => (folder = mkdtempSync(join(tmpdir(), "file-source-"))));
    after(() => rmSync(folder, { recursive: true }));

    function written(text: string): string {
        const path = join(folder, "posts.ndjson");
        writeFileSync(path, text);
        return path;
    }

    it("gives wire records and posts of the X API, in order", async () => {
        const data = { id: "2", text: "x", author_id: "42", created_at: timestamp };
        const path = written([line(1, "日本🔥"), JSON.stringify({ data }), line(3)].join("\r\n"));
        const posts = await all((await fileSource.open({ path }, context())).chunks);
        expect(posts.map(({ id, source }) => [id, source])).to.deep.equal([
            ["1", "s"],
            ["2", "x"],
            ["3", "s"],
        ]);
        expect(posts[0]?.message).to.equal("日本🔥");
    });

    it("passes over blank lines, and refuses what is no post by its line", async () => {
        const within = context();
        const path = written(`\n${line(1)}\n  \nnope\n[]\n{"username":"a"}\n${line(7)}`);
        const posts = await all((await fileSource.open({ path }, within)).chunks);
        expect(posts.map(({ id }) => id)).to.deep.equal(["1", "7"]);
        expect(within.refusals.map(({ detail }) => detail)).to.deep.equal([
            "line 4: not JSON: nope",
            "line 5: not a JSON object",
            'line 6: "id" is missing',
        ]);
        expect(new Set(within.refusals.map(({ reason }) => reason))).to.deep.equal(new Set(["not a post"]));
    });

    it("shows no control characters of a bad line", async () => {
        const within = context();
        await all((await fileSource.open({ path: written("\u001b[2J\u0007oops\n") }, within)).chunks);
        expect(within.refusals[0]?.detail).to.equal("line 1: not JSON: \ufffd[2J\ufffdoops");
    });

    it("refuses a file that is not there, and a folder, as mistakes of the user", async () => {
        const missing = await failureOf(fileSource.open({ path: join(folder, "nowhere") }, context()));
        expect(missing).to.be.instanceOf(UsageError);
        expect(missing.message).to.match(/^Expected `--path` to be a file that can be read: ENOENT/);
        const folderError = await failureOf(fileSource.open({ path: folder }, context()));
        expect(folderError).to.be.instanceOf(UsageError);
        expect(folderError.message).to.match(/is a folder\.$/);
    });

    it("wants a path", () => {
        expect(fileSource.check({ path: undefined })).to.have.length(1);
        expect(fileSource.check({ path: "-" })).to.deep.equal([]);
    });

    it("ends without an error when it is stopped while it waits for input, without the line that is not complete", async () => {
        const stop = new AbortController();
        const input = new PassThrough();
        input.write(`${line(1)}\n${line(2).slice(0, 10)}`);
        const posts: WireRecord[] = [];
        for await (const chunk of readPosts(() => input, "the input", context(stop))) {
            posts.push(...chunk);
            stop.abort();
        }
        expect(posts.map(({ id }) => id)).to.deep.equal(["1"]);
        expect(input.destroyed).to.be.true;
    });

    it("reads a pipe with a name as it comes, and ends when it is stopped while nobody writes", async () => {
        const path = join(folder, "pipe");
        execFileSync("mkfifo", [path]);
        const stop = new AbortController();
        // Both wait for each other.
        const [source, writer] = await Promise.all([fileSource.open({ path }, context(stop)), open(path, "w")]);
        try {
            await writer.write(`${line(1)}\n`);
            const posts: WireRecord[] = [];
            for await (const chunk of source.chunks) {
                posts.push(...chunk);
                stop.abort();
            }
            expect(posts.map(({ id }) => id)).to.deep.equal(["1"]);
        } finally {
            await writer.close();
        }
    });

    it("says what to do with a file that is packed", async () => {
        const path = join(folder, "posts.ndjson.gz");
        writeFileSync(path, gzipSync(line(1)));
        const failure = await failureOf(all((await fileSource.open({ path }, context())).chunks));
        expect(failure).to.be.instanceOf(UsageError);
        expect(failure.message).to.match(
            /^Expected lines of text in `.*posts\.ndjson\.gz`, got what gzip .* `zcat`\.$/,
        );
    });

    it("fails with a reason when the input cannot be read any further", async () => {
        const input = new Readable({ read: () => input.destroy(new Error("the disk is gone")) });
        const failure = await failureOf(all(readPosts(() => input, "the input", context())));
        expect(failure).to.be.instanceOf(Failure);
        expect(failure.message).to.equal("Reading the input failed: the disk is gone.");
    });

    it("reads no further than it is asked to", async () => {
        let read = 0;
        const input = new Readable({
            highWaterMark: 1024,
            read: () => {
                read += 1;
                input.push(Buffer.from(`${line(read, "x".repeat(1000))}\n`));
            },
        });
        const chunks = readPosts(() => input, "the input", context());
        for (let turn = 0; turn < 3; turn += 1) await chunks.next();
        expect(read).to.be.at.most(8);
        await chunks.return();
        expect(input.destroyed).to.be.true;
    });
});
