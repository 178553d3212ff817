import type { RequestReport } from "../front-door/server";

/** Requests of one kind since the beginning. */
export interface RequestCount {
    all: number;
    refused: number;
    /** The error of the last one that was refused; "" where none was. */
    error: string;
}

/** What a conditional write is answered with where the table has a later version of the item: it is as it should be. */
const NO_REFUSAL = "ConditionalCheckFailedException";

/** Counts the requests by which posts go on: of producers to the stream, and of the function to the table. */
export class RequestCounts {
    readonly puts: RequestCount = { all: 0, refused: 0, error: "" };
    readonly writes: RequestCount = { all: 0, refused: 0, error: "" };

    add({ service, operation, errorCode }: Pick<RequestReport, "service" | "operation" | "errorCode">): void {
        const count = this.countOf(service, operation);
        if (count === undefined) return;
        count.all += 1;
        if (errorCode === undefined || errorCode === NO_REFUSAL) return;
        count.refused += 1;
        count.error = errorCode;
    }

    private countOf(service: string, operation: string): RequestCount | undefined {
        if (service === "kinesis") return operation.startsWith("PutRecord") ? this.puts : undefined;
        const isWrite = operation === "BatchWriteItem" || operation === "PutItem";
        return service === "dynamodb" && isWrite ? this.writes : undefined;
    }
}
