const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What `--since` may be, for the sentence that says so. */
export const SINCE_EXPECTED = "a time (2026-11-23, 2026-11-23T06:00Z) or how long ago (90m, 12h, 7d)";

/** Milliseconds since 1970; undefined when the text is none of both. A time without a zone is in UTC. */
export function readSince(text: string, nowMs: number): number | undefined {
    const ago = /^(\d{1,6})([mhd])$/.exec(text);
    if (ago !== null) return nowMs - Number(ago[1]) * UNITS_MS[ago[2] as keyof typeof UNITS_MS];
    const time = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
    if (time === null) return undefined;
    const [, day = "", hours = "T00:00", zone = "Z"] = time;
    const milliseconds = Date.parse(`${day}${hours}${zone}`);
    // Date.parse takes 30 February for 2 March.
    const dayMs = Date.parse(`${day}T00:00Z`);
    if (Number.isNaN(milliseconds) || Number.isNaN(dayMs)) return undefined;
    return new Date(dayMs).toISOString().startsWith(day) ? milliseconds : undefined;
}
