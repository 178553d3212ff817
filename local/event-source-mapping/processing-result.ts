import type { AwsError } from "../aws-error";

export const NO_RECORDS_PROCESSED = "No records processed";
export const FUNCTION_CALL_FAILED = "PROBLEM: Function call failed";
export const INTERNAL_ERROR = "PROBLEM: internal Lambda error. Please contact Lambda customer support.";

/**
 * `LastProcessingResult` of a mapping. A problem of one part (a shard's reading, the destination) stays until that part
 * works again.
 */
export class ProcessingResult {
    private readonly problems = new Map<string, string>();
    private processed = NO_RECORDS_PROCESSED;

    constructor(private readonly onProblem: (result: string) => void) {}

    get current(): string {
        const [problem] = this.problems.values();
        return problem ?? this.processed;
    }

    setProcessed(result: string): void {
        const isNew = result !== this.processed;
        this.processed = result;
        if (isNew && result.startsWith("PROBLEM")) {
            this.onProblem(result);
        }
    }

    setProblem(part: string, problem: string): void {
        const isNew = this.problems.get(part) !== problem;
        this.problems.set(part, problem);
        if (isNew) {
            this.onProblem(problem);
        }
    }

    clearProblem(part: string): void {
        this.problems.delete(part);
    }
}

/** What Lambda says when the role may not read the stream; the sentence is that of CreateEventSourceMapping. */
export function streamProblem(error: AwsError, streamArn: string): string {
    if (error.code === "AccessDeniedException") {
        return (
            `PROBLEM: Cannot access stream ${streamArn}. Please ensure the role can perform the GetRecords, ` +
            "GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM. " +
            `(${error.message})`
        );
    }
    return `PROBLEM: Cannot read stream ${streamArn}. ${error.code}: ${error.message}`;
}
