import { AwsError } from "../aws-error";
import type { ServiceRequest, ServiceResponse } from "../service";
import { type App, loadFauxqs } from "./fauxqs.cjs";
import type { ObjectStore } from "./object-store";

/** Headers of fauxqs's answers that the front door sets, or that concern a connection that is not there. */
const OWN_HEADERS = new Set([
    "x-amz-request-id",
    "x-amz-id-2",
    "date",
    "connection",
    "keep-alive",
    "transfer-encoding",
]);
/** Names the error that an answer stands for; no answer of S3 has such a header. */
const ERROR_HEADER = "x-embedded-cloud-error";

/** fauxqs without a port, on a store of ours. Loading takes a third of a second, so it waits for the first request. */
export class FauxqsApp {
    private app: Promise<App> | undefined;
    /** Errors on their way out through fauxqs, which would write them in a form of its own. */
    private readonly errors = new Map<string, Error>();
    private errorCount = 0;

    constructor(private readonly store: ObjectStore) {}

    /**
     * @param url path style
     * @throws AwsError what the client would get
     */
    async handle(request: Pick<ServiceRequest, "method" | "headers" | "body">, url: string): Promise<ServiceResponse> {
        this.app ??= this.build();
        const app = await this.app;
        const { method, body } = request;
        // fauxqs would take a bucket from the host's name.
        const headers = { ...request.headers, host: "localhost", "content-length": String(body.length) };
        const response = await app.inject({ method, url, headers, payload: body });
        const errorId = response.headers[ERROR_HEADER];
        if (typeof errorId === "string") {
            const error = this.errors.get(errorId);
            this.errors.delete(errorId);
            throw error ?? new Error("fauxqs failed");
        }
        const kept = Object.entries(response.headers).filter(([name]) => !OWN_HEADERS.has(name));
        return {
            status: response.statusCode,
            headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
            body: response.rawPayload,
        };
    }

    async close(): Promise<void> {
        const app = await this.app;
        this.app = undefined;
        await app?.close();
    }

    private async build(): Promise<App> {
        const { buildApp } = await loadFauxqs();
        const app = buildApp({ logger: false, host: "localhost", stores: { s3Store: this.store } });
        app.setErrorHandler((error, _request, reply) => {
            const id = String(++this.errorCount);
            this.errors.set(id, toAwsError(error));
            reply.status(500).header(ERROR_HEADER, id).send("");
        });
        await app.ready();
        return app;
    }
}

function toAwsError(error: Error & { code?: string }): Error {
    return error.code === "FST_ERR_CTP_BODY_TOO_LARGE"
        ? new AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        : error;
}
