/**
 * An answer of the embedded cloud that AWS gives as an error: `code` is AWS's error name (`ResourceNotFoundException`),
 * `message` is AWS's sentence, `status` the HTTP status, `members` what a JSON protocol's error has beside these.
 */
export class AwsError extends Error {
    constructor(
        readonly code: string,
        message: string,
        readonly status = 400,
        readonly members: Readonly<Record<string, unknown>> = {},
    ) {
        super(message);
        this.name = code;
    }
}
