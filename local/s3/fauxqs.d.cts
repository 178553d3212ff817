/** As much as is used here of the application, of the framework Fastify, that fauxqs builds. */
export interface App {
    inject(request: object): Promise<{
        readonly statusCode: number;
        readonly headers: Readonly<Record<string, unknown>>;
        readonly rawPayload: Buffer;
    }>;
    setErrorHandler(handler: (error: Error & { code?: string }, request: unknown, reply: Reply) => void): void;
    ready(): PromiseLike<unknown>;
    close(): Promise<void>;
}

export interface Reply {
    status(code: number): { header(name: string, value: string): { send(body: string): void } };
}

export interface Fauxqs {
    readonly buildApp: (options: { logger: boolean; host: string; stores: { s3Store: unknown } }) => App;
}

export function loadFauxqs(): Promise<Fauxqs>;
