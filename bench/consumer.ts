import { formatCount } from "../commandline/numbers";
import { withUnpacked } from "./archive";
import type { InvocationReport, InvocationRequest } from "./consumer-side";
import { row, type BenchContext, type Row } from "./part";
import { PeerProcess } from "./peer-process";
import { alternate, median } from "./rounds";
import type { TableReport, TableRequest } from "./stub-table";

const LATENCY_MS = 10;
const BATCHES = [25, 100, 500, 2_000];
/** Of the mapping, as it is deployed by default. */
const BATCH_DEFAULT = 500;
/** So many records pass in one measurement. A side that waits for each request of a few records needs fewer to take long. */
const RECORDS_MEASURED: Readonly<Record<Way, number>> = { function: 10_000, batches: 2_000, items: 100, trip: 2_500 };
/** Compiles what is hot, opens connections: so many times what is measured. */
const TIMES_BEFORE = 2;
/** What one round trip brings to the table. */
const TRIP_RECORDS = 25;
/** An invocation of the default batch should not wait longer than so many round trips. */
const TRIPS_MAX = 1.5;
const UNPROCESSED = { oneUnprocessedOf: 100 };

type Way = "function" | "batches" | "items" | "trip";

/** Invocations of the function's archive with a table of a named latency, beside other ways to write the same. */
export async function benchConsumer(context: BenchContext): Promise<Row[]> {
    return withUnpacked(async (folder) => {
        const table = new PeerProcess("stub-table.ts", [String(LATENCY_MS)]);
        const sides: PeerProcess[] = [];
        try {
            const { port } = await table.ask<TableReport>({});
            process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
            const open = (way: Way): PeerProcess => {
                const side = new PeerProcess("consumer-side.ts", [way, folder]);
                sides.push(side);
                return side;
            };
            const bench = new Bench(context, table, {
                function: open("function"),
                batches: open("batches"),
                items: open("items"),
                trip: open("trip"),
            });
            return await bench.rows();
        } finally {
            await Promise.all([table, ...sides].map((peer) => peer.close()));
        }
    });
}

class Bench {
    constructor(
        private readonly context: BenchContext,
        private readonly table: PeerProcess,
        private readonly sides: Readonly<Record<Way, PeerProcess>>,
    ) {}

    async rows(): Promise<Row[]> {
        for (let times = 0; times < TIMES_BEFORE; times += 1) {
            for (const way of Object.keys(RECORDS_MEASURED) as Way[]) await this.invoke(way, TRIP_RECORDS);
            await this.invoke("function", BATCH_DEFAULT);
        }
        const rows: Row[] = [];
        for (const records of BATCHES) {
            this.context.say(`consumer: batches of ${formatCount(records)} records ...`);
            rows.push(...(await this.rowsOf(records)));
        }
        this.context.say("consumer: with unprocessed items ...");
        return [...rows, await this.unprocessedRow(), await this.unitsRow()];
    }

    private async rowsOf(records: number): Promise<Row[]> {
        const [ours = [], trips = [], batches = [], items = []] = await alternate(this.context.rounds, [
            () => this.invoke("function", records),
            () => this.invoke("trip", TRIP_RECORDS),
            () => this.invoke("batches", records),
            // The time of one item is that of any other.
            () => this.invoke("items", TRIP_RECORDS),
        ]);
        const name = `ms for ${formatCount(records)} records`;
        const measured = millisecondsOf(ours);
        const trip = millisecondsOf(trips);
        const perItem = millisecondsOf(items) / TRIP_RECORDS;
        const cpu = median(ours.map(({ cpuMilliseconds }) => cpuMilliseconds));
        return [
            row({
                name,
                measured,
                against: `${TRIPS_MAX} round trips and its CPU time`,
                other: TRIPS_MAX * trip + cpu,
                ...(records === BATCH_DEFAULT && { goal: { atMost: 1 } }),
            }),
            row({ name, measured, against: "one round trip", other: trip }),
            row({ name, measured, against: "25 a request, in sequence", other: millisecondsOf(batches) }),
            row({ name, measured, against: "one PutItem a record", other: perItem * records }),
        ];
    }

    private async unprocessedRow(): Promise<Row> {
        const [unlucky = [], clean = []] = await alternate(this.context.rounds, [
            () => this.invoke("function", BATCH_DEFAULT, UNPROCESSED),
            () => this.invoke("function", BATCH_DEFAULT),
        ]);
        return row({
            name: `ms for ${BATCH_DEFAULT} records, 1 % unprocessed`,
            measured: millisecondsOf(unlucky),
            against: "none unprocessed",
            other: millisecondsOf(clean),
        });
    }

    private async unitsRow(): Promise<Row> {
        const units = async (way: Way): Promise<number> => {
            const { stored, units } = await this.invoke(way, BATCH_DEFAULT, { ...UNPROCESSED, countUnits: true });
            return units / stored;
        };
        return row({
            name: "write units per post, 1 % unprocessed",
            measured: await units("function"),
            against: "items of the reference",
            other: await units("batches"),
        });
    }

    private async invoke(way: Way, records: number, orders: TableRequest = {}): Promise<Measured> {
        await this.table.ask(orders);
        const request: InvocationRequest = { records, invocations: Math.max(RECORDS_MEASURED[way] / records, 1) };
        const report = await this.sides[way].ask<InvocationReport>(request);
        const { stored, units } = await this.table.ask<TableReport>({});
        const expected = request.invocations * records;
        if (stored !== expected) throw new Error(`${way}: ${stored} of ${expected} posts were stored.`);
        return { ...report, stored, units };
    }
}

interface Measured extends InvocationReport {
    stored: number;
    units: number;
}

function millisecondsOf(reports: readonly InvocationReport[]): number {
    return median(reports.map(({ milliseconds }) => milliseconds));
}
