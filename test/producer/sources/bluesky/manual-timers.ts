import { Bell } from "../../../../producer/bell";

interface Timer {
    milliseconds: number;
    callback: () => void;
}

/** Timers that go off when the test says so; connections take the time that they take. */
export class ManualTimers {
    private readonly timers = new Set<Timer>();
    private readonly bell = new Bell();

    readonly after = (milliseconds: number, callback: () => void) => {
        const timer = { milliseconds, callback };
        this.timers.add(timer);
        this.bell.ring();
        return () => void this.timers.delete(timer);
    };

    get pending(): number {
        return this.timers.size;
    }

    /** Waits until a timer is set that is meant, and lets it go off; answers with its milliseconds. */
    async fire(isMeant?: (milliseconds: number) => boolean): Promise<number> {
        const timer = await this.set(isMeant);
        this.timers.delete(timer);
        timer.callback();
        return timer.milliseconds;
    }

    /** Waits until a timer is set that is meant. */
    async set(isMeant: (milliseconds: number) => boolean = () => true): Promise<Timer> {
        for (;;) {
            for (const timer of this.timers) if (isMeant(timer.milliseconds)) return timer;
            await this.bell.rung();
        }
    }
}
