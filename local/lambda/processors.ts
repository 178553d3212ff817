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

/** What the system tells of a processor: the milliseconds since the machine's start in which it had nothing to do. */
interface ProcessorTimes {
    readonly times: { readonly idle: number };
}

/** How busy the processors of the machine are, with everything that runs on it. */
export class ProcessorMeter {
    private begunAt = 0;
    private idleMsAtBegin = 0;

    constructor(
        private readonly now: () => number = () => performance.now(),
        private readonly processors: () => readonly ProcessorTimes[] = cpus,
    ) {
        this.begin();
    }

    /** Begins to measure anew. */
    begin(): void {
        this.begunAt = this.now();
        this.idleMsAtBegin = this.idleMs();
    }

    /** How many processors had nothing to do, on average, since it was begun: 0.5 is half of one. */
    idle(): number {
        return (this.idleMs() - this.idleMsAtBegin) / (this.now() - this.begunAt);
    }

    /** Of all processors together. Where the system does not tell, they are taken to be idle. */
    private idleMs(): number {
        const processors = this.processors();
        if (processors.length === 0) {
            return this.now() * PROCESSORS;
        }
        return processors.reduce((sum, { times }) => sum + times.idle, 0);
    }
}
