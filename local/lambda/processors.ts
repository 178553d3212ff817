import { availableParallelism, cpus } from "node:os";

/** How many processors this process may use. */
export const PROCESSORS = availableParallelism();

/** How busy the processors of the machine are, with everything that runs on it. */
export class ProcessorMeter {
    private begunAt = performance.now();
    private idleMsAtBegin = idleMs();

    /** Begins to measure anew. */
    begin(): void {
        this.begunAt = performance.now();
        this.idleMsAtBegin = idleMs();
    }

    /** How many processors had nothing to do, on average, since it was begun: 0.5 is half of one. */
    idle(): number {
        return (idleMs() - this.idleMsAtBegin) / (performance.now() - this.begunAt);
    }
}

/** Of all processors together since the machine's start. Where the system does not tell, they are taken to be idle. */
function idleMs(): number {
    const processors = cpus();
    if (processors.length === 0) return performance.now() * PROCESSORS;
    return processors.reduce((sum, { times }) => sum + times.idle, 0);
}
