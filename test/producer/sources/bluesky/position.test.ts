import { expect } from "chai";
import { OVERLAP_MS, Position } from "../../../../producer/sources/bluesky/position";
import { TIME_US } from "./jetstream-server";

const NOW_MS = TIME_US / 1000;
const OVERLAP_US = OVERLAP_MS * 1000;
const SECOND_US = 1_000_000;

describe("the position in the stream of Bluesky", () => {
    it("is now before the first connection", () => {
        expect(new Position().cursorUs).to.equal(undefined);
    });

    it("is the time of the first connection until an event has come", () => {
        const position = new Position();
        position.opened(NOW_MS);
        position.opened(NOW_MS + 60_000);
        expect(position.cursorUs).to.equal(TIME_US);
    });

    it("is a few seconds before the newest event", () => {
        const position = new Position();
        position.pass(TIME_US, NOW_MS);
        position.pass(TIME_US + SECOND_US, NOW_MS);
        position.pass(TIME_US - SECOND_US, NOW_MS);
        expect(position.cursorUs).to.equal(TIME_US + SECOND_US - OVERLAP_US);
    });

    it("does not follow an event far ahead of the clock, and follows one a little ahead", () => {
        const position = new Position();
        position.pass(TIME_US, NOW_MS);
        position.pass(TIME_US + 3600 * SECOND_US, NOW_MS);
        expect(position.cursorUs).to.equal(TIME_US - OVERLAP_US);
        position.pass(TIME_US + 60 * SECOND_US, NOW_MS);
        expect(position.cursorUs).to.equal(TIME_US + 60 * SECOND_US - OVERLAP_US);
    });

    it("goes on with the stream also where this machine's clock is hours behind", () => {
        const position = new Position();
        for (let second = 0; second < 1000; second += 60)
            position.pass(TIME_US + second * SECOND_US, NOW_MS - 7_200_000);
        expect(position.newestUs).to.equal(TIME_US + 960 * SECOND_US);
    });

    it("misses nothing when the stream begins with what was read", () => {
        const position = new Position();
        position.opened(NOW_MS);
        position.pass(TIME_US, NOW_MS);
        position.opened(NOW_MS);
        expect(position.pass(TIME_US - OVERLAP_US, NOW_MS)).to.equal(0);
        expect(position.pass(TIME_US + 60 * SECOND_US, NOW_MS + 60_000), "after a quiet minute").to.equal(0);
    });

    it("tells what is missing when the stream begins later", () => {
        const position = new Position();
        position.opened(NOW_MS);
        position.pass(TIME_US, NOW_MS);
        position.opened(NOW_MS);
        expect(position.pass(TIME_US + 60 * SECOND_US, NOW_MS + 60_000)).to.equal(60_000);
        expect(position.pass(TIME_US + 120 * SECOND_US, NOW_MS + 120_000)).to.equal(0);
    });

    it("is now again when told to forget", () => {
        const position = new Position();
        position.opened(NOW_MS);
        position.pass(TIME_US, NOW_MS);
        position.forget();
        expect(position.cursorUs).to.equal(undefined);
    });
});
