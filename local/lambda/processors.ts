import { availableParallelism, cpus } from "node:os";

/** How many processors this process may use. */
export const PROCESSORS = availableParallelism();
/**
 * One environment for each processor, and one for when some of them wait for an answer. Where these keep the processors busy,
 * a further one makes them slower, and work no quicker; it starts only if processors are idle …
 */
export const BUSY_ENVIRONMENTS_MAX = PROCESSORS + 1;
export const IDLE_PROCESSORS_MIN = 0.5;
/** … or if an invocation has waited this long: functions that compute for minutes share the processors, as anywhere. */
export const START_WAIT_MS = 2_000;

export interface Demand {
    /** Environments that there are. */
    readonly running: number;
    readonly idleProcessors: number;
    /** How long an invocation has been waiting for an environment. */
    readonly waitedMs: number;
}

/** Whether a further environment should start for an invocation that waits. */
export function isWorthAnother({ running, idleProcessors, waitedMs }: Demand): boolean {
    return running < BUSY_ENVIRONMENTS_MAX || idleProcessors >= IDLE_PROCESSORS_MIN || waitedMs >= START_WAIT_MS;
}

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
