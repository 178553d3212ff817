import { fileSource } from "./file";
import { sampleSource } from "./sample";

/** The sources by the name that `--source` chooses them with. */
export const sources = { sample: sampleSource, file: fileSource } as const;

export type SourceName = keyof typeof sources;
