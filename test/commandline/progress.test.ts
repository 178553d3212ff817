import { expect } from "chai";
import { formatProgress, isLive, startProgress, type ProgressState } from "../../commandline/progress";

const line = { label: "sending", unit: "posts", done: 410, seconds: 0.5, rate: 820, bar: false };

class Output {
    text = "";
    constructor(
        readonly isTTY: boolean,
        readonly columns = 80,
    ) {}
    write(text: string): boolean {
        this.text += text;
        return true;
    }
}

describe("progress", () => {
    it("is a bar where the end is known and a terminal shows it", () => {
        const text = formatProgress({ ...line, total: 1000, bar: true, note: "3 retried" });
        expect(text).to.equal("sending ━━━━━━━━━───────────────  41%  410/1,000 posts, 820 posts/s, 0.50 s, 3 retried");
    });

    it("has a shorter bar, or none, where that makes room for what is written", () => {
        const at = (columns: number) =>
            formatProgress({ ...line, total: 1000, bar: true, note: "4 in flight, 1,200 queued", columns });
        const written = " 41%  410/1,000 posts, 820 posts/s, 0.50 s, 4 in flight, 1,200 queued";
        expect(at(120)).to.equal(`sending ━━━━━━━━━─────────────── ${written}`);
        expect(at(90)).to.equal(`sending ━━━━──────── ${written}`);
        expect(at(90)).to.have.length(90);
        expect(at(80)).to.equal(`sending ${written}`);
        expect(at(10)).to.equal(`sending ${written}`);
    });

    it("is plain text elsewhere", () => {
        expect(formatProgress({ ...line, total: 1000 })).to.equal("sending: 410/1,000 posts, 820 posts/s, 0.50 s");
        expect(formatProgress({ ...line, bar: true, note: "" })).to.equal("sending: 410 posts, 820 posts/s, 0.50 s");
    });

    it("says 100% only of all", () => {
        const percent = (done: number, total: number) =>
            /\d+%/.exec(formatProgress({ ...line, bar: true, done, total }))?.[0];
        expect([percent(999, 1000), percent(1000, 1000), percent(1001, 1000), percent(0, 0)]).to.deep.equal([
            "99%",
            "100%",
            "100%",
            "100%",
        ]);
    });

    it("is redrawn on a terminal only, and not in CI", () => {
        expect(isLive({ write: () => true, isTTY: true }, {})).to.be.true;
        expect(isLive({ write: () => true, isTTY: true }, { CI: "true" })).to.be.false;
        expect(isLive({ write: () => true, isTTY: true }, { TERM: "dumb" })).to.be.false;
        expect(isLive({ write: () => true }, {})).to.be.false;
    });

    function started(output: Output) {
        const state: ProgressState = { done: 0 };
        const progress = startProgress({ label: "sending", unit: "posts", read: () => state, output, now: () => 0 });
        return { state, progress };
    }

    it("ends with the last state, once, and prints lines as they come", () => {
        const output = new Output(false);
        const { state, progress } = started(output);
        progress.print("Refused line 2.");
        state.done = 7;
        progress.stop();
        progress.stop();
        expect(output.text).to.equal("Refused line 2.\nsending: 7 posts, 0 posts/s, 0.00 s\n");
    });

    /** What `work` writes on a terminal that shows live lines, wherever the tests run. */
    function onTerminal(work: () => void): void {
        const { CI: ci, TERM: terminal } = process.env;
        delete process.env.CI;
        process.env.TERM = "xterm";
        try {
            work();
        } finally {
            if (ci !== undefined) process.env.CI = ci;
            if (terminal === undefined) delete process.env.TERM;
            else process.env.TERM = terminal;
        }
    }

    it("prints lines above what it redraws, and cuts that to the terminal's width", () => {
        onTerminal(() => {
            const output = new Output(true, 12);
            const { progress } = started(output);
            progress.print("A line.");
            progress.stop();
            expect(output.text).to.equal("\r\u001b[2KA line.\n\r\u001b[2Ksending: 0 \r\u001b[2Ksending: 0 \n");
        });
    });

    it("has the rate of the last ten seconds where the end is not known, and of all at the end", () => {
        onTerminal(() => {
            const output = new Output(true, 200);
            const state = { seconds: 0, done: 0 };
            const progress = startProgress({
                label: "sending",
                unit: "posts",
                read: () => ({ done: state.done }),
                output,
                now: () => state.seconds * 1000,
            });
            for (const [seconds, done] of [
                [100, 1000],
                [105, 2000],
                [112, 2000],
                [130, 2000],
                [141, 2000],
            ] as const) {
                Object.assign(state, { seconds, done });
                progress.print("");
            }
            progress.stop();
            const rates = Array.from(output.text.matchAll(/([\d,]+) posts\/s/g), ([, rate]) => rate);
            expect(rates).to.deep.equal(["10", "19", "83", "0", "0", "14"]);
        });
    });
});
