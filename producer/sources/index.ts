import { blueskySource } from "./bluesky";
import { fileSource } from "./file";
import { sampleSource } from "./sample";
import { xSource } from "./x";

/** The sources by the name that `--source` chooses them with. */
export const sources = { x: xSource, bluesky: blueskySource, sample: sampleSource, file: fileSource } as const;

export type SourceName = keyof typeof sources;
