/** What a function that reports batch item failures says of its batch. */
export type BatchVerdict =
    | { readonly kind: "success" }
    /** Everything before the index succeeded; everything from it on is delivered again, successes included. */
    | { readonly kind: "partial"; readonly firstFailedIndex: number }
    /** The response says nothing of use: the whole batch failed. */
    | { readonly kind: "malformed"; readonly reason: string };

/**
 * Reads `{"batchItemFailures":[{"itemIdentifier":"<sequence number>"}]}`. "Success and failure conditions" of
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html: no response, an empty one, a
 * missing, empty or null list are success; an item with an empty, null or unknown identifier, or none, fails the batch.
 */
export function readBatchResponse(payload: string, sequenceNumbers: readonly string[]): BatchVerdict {
    const response = parse(payload);
    if (response === null || response === "") {
        return { kind: "success" };
    }
    if (typeof response !== "object" || Array.isArray(response)) {
        return malformed("the response is no object");
    }
    const failures = (response as { batchItemFailures?: unknown }).batchItemFailures ?? [];
    if (!Array.isArray(failures)) {
        return malformed("`batchItemFailures` is no list");
    }
    if (failures.length === 0) {
        return { kind: "success" };
    }
    const indexes = failures.map((failure: unknown) => indexOf(failure, sequenceNumbers));
    const unknown = indexes.indexOf(-1);
    if (unknown !== -1) {
        return malformed(`\`batchItemFailures[${unknown}].itemIdentifier\` is no sequence number of the batch`);
    }
    return { kind: "partial", firstFailedIndex: Math.min(...indexes) };
}

function indexOf(failure: unknown, sequenceNumbers: readonly string[]): number {
    if (typeof failure !== "object" || failure === null) {
        return -1;
    }
    const { itemIdentifier } = failure as { itemIdentifier?: unknown };
    return typeof itemIdentifier === "string" ? sequenceNumbers.indexOf(itemIdentifier) : -1;
}

function parse(payload: string): unknown {
    try {
        return payload === "" ? null : JSON.parse(payload);
    } catch {
        return payload;
    }
}

function malformed(reason: string): BatchVerdict {
    return { kind: "malformed", reason };
}
