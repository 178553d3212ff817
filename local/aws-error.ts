/**
 * An answer of the embedded cloud that AWS gives as an error: `code` is AWS's error name (`ResourceNotFoundException`),
 * `message` is AWS's sentence, `status` the HTTP status.
 */
export class AwsError extends Error {
    constructor(
        readonly code: string,
        message: string,
        readonly status = 400,
    ) {
        super(message);
        this.name = code;
    }
}
