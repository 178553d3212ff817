/* Run by x.test.ts in a process of its own: reads the source with the options given as JSON, a line per post, until SIGTERM. */
import { xSource } from "../../../../producer/sources/x";
import { RecordingContext } from "./recording-context";

type Values = Parameters<typeof xSource.open>[0];

async function main(): Promise<void> {
    const context = new RecordingContext();
    const stop = () => context.stopping.abort();
    process.on("SIGTERM", stop);
    const values: Values = {
        track: [],
        rule: [],
        keepRules: false,
        maxPosts: undefined,
        ...(JSON.parse(process.argv[2] ?? "{}") as Partial<Record<keyof Values, never>>),
    };
    const source = await xSource.open(values, context);
    for await (const posts of source.chunks) {
        for (const post of posts) process.stdout.write(`${JSON.stringify(post)}\n`);
    }
    process.stdout.write(
        `${JSON.stringify({ isLive: source.isLive, note: source.note?.(), notices: context.notices })}\n`,
    );
    process.off("SIGTERM", stop);
}

main().catch((error: unknown) => {
    process.exitCode = 1;
    process.stderr.write(`${String(error)}\n`);
});
