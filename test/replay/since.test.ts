import { expect } from "chai";
import { readSince } from "../../replay/since";

const NOW = Date.parse("2026-11-23T12:00:00Z");

describe("the time since when objects are replayed", () => {
    for (const [typed, expected] of [
        ["90m", "2026-11-23T10:30:00.000Z"],
        ["12h", "2026-11-23T00:00:00.000Z"],
        ["7d", "2026-11-16T12:00:00.000Z"],
        ["2026-11-23", "2026-11-23T00:00:00.000Z"],
        ["2026-11-23T06:00", "2026-11-23T06:00:00.000Z"],
        ["2026-11-23T06:00:01.5+01:00", "2026-11-23T05:00:01.500Z"],
        ["2026-11-23Z", "2026-11-23T00:00:00.000Z"],
    ] as const) {
        it(`may be ${typed}`, () => expect(new Date(readSince(typed, NOW) ?? NaN).toISOString()).to.equal(expected));
    }

    for (const typed of ["yesterday", "12", "-1h", "2026-02-30", "2026-13-01", "2026-11-23T25:00", ""]) {
        it(`may not be '${typed}'`, () => expect(readSince(typed, NOW)).to.equal(undefined));
    }
});
