import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error";
import { authorize, type AuthorizationWithKeys, type ResourcePolicies } from "../iam/authorize";
import type { RequestContext } from "../iam/context";
import type { Identities, Principal } from "../iam/identities";
import type { Service, ServiceRequest, ServiceResponse } from "../service";
import { serviceOfScope } from "./authorization-header";
import { listen, type WireRequest, type WireResponse } from "./listener";
import {
    BODY_BYTES_MAX,
    BodyTooLargeError,
    ClientGoneError,
    headersOf,
    type RawRequest,
    readBody,
    splitUrl,
} from "./raw-request";
import { accessDenied, commonHeaders, errorResponse, internalFailure, sendResponse } from "./responses";
import { verifySignature } from "./signature";
import type { Protocol } from "./signature-errors";
import { SigningKeys } from "./signing-key";

/** A service, and what only some of them have: policies of their resources, and larger requests. */
export interface FrontDoorService extends Service, ResourcePolicies {
    /** `BODY_BYTES_MAX` unless given. */
    readonly requestBytesMax?: number;
}

/** A permission that was refused. */
export interface Denial {
    readonly principalArn: string;
    readonly action: string;
    readonly resource: string;
    readonly message: string;
}

/** A request that was answered. */
export interface RequestReport {
    readonly requestId: string;
    /** The name in the credential scope, or "" where there was none. */
    readonly service: string;
    /** The operation of a JSON protocol, else method and path. */
    readonly operation: string;
    readonly principalArn: string | undefined;
    readonly status: number;
    readonly errorCode: string | undefined;
    readonly milliseconds: number;
}

/** Faults on the way, for tests of what clients do about them. */
export interface FrontDoorFaults {
    /** Asked once for each request that is allowed; an error is answered instead of handling the request. */
    consult(service: string, operation: string): AwsError | "close before" | "close after" | undefined;
}

export interface FrontDoorOptions {
    /** 0 for any free port. */
    readonly port: number;
    readonly services: readonly FrontDoorService[];
    readonly identities: Pick<Identities, "findByAccessKey">;
    /** Milliseconds since the epoch. */
    readonly clock?: () => number;
    /** The services' region: a signature for another one is refused. Unless given, any region will do. */
    readonly region?: string;
    readonly faults?: FrontDoorFaults;
    /** One line about a connection that broke or did not speak HTTP. */
    readonly log?: (line: string) => void;
    readonly onDenied?: (denial: Denial) => void;
    readonly onRequest?: (report: RequestReport) => void;
    /** Told of every error that is not an answer of AWS but a mistake of ours; unless given, it goes to stderr. */
    readonly onInternalFailure?: (error: unknown, requestId: string) => void;
}

export interface FrontDoor {
    /** `http://127.0.0.1:PORT` */
    readonly endpointUrl: string;
    readonly port: number;
    /** Closes the port and every connection. */
    close(): Promise<void>;
}

/** What is known of a request while it is handled. */
interface Exchange {
    readonly requestId: string;
    readonly startedMs: number;
    protocol: Protocol;
    service: string;
    operation: string;
    path: string;
    contentType?: string;
    principal?: Principal;
    /** Set where a fault takes the connection away instead of answering. */
    isCut?: boolean;
}

/** A name of this machine: a page of a browser cannot be made to call here under its own name (DNS rebinding). */
const LOOPBACK_HOST = /^(([\w-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Opens the one endpoint of the embedded cloud: checks each request's signature, evaluates the policies of whoever
 * signed it, and hands it to the service that the signature is for.
 * @throws an Error with the code EADDRINUSE where the port is taken
 */
export async function startFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
    const { port, log = () => undefined } = options;
    const handler = new RequestHandler(options);
    const listener = await listen(
        port,
        (request, response) => {
            handler.handle(request, response).catch((error: unknown) => {
                (options.onInternalFailure ?? reportToStderr)(error, "");
                request.socket.destroy();
            });
        },
        (error) => log(`A connection broke: ${error.message}`),
    );
    return { endpointUrl: `http://127.0.0.1:${listener.port}`, port: listener.port, close: () => listener.close() };
}

class RequestHandler {
    private readonly services: ReadonlyMap<string, FrontDoorService>;
    private readonly signingKeys = new SigningKeys();
    private readonly clock: () => number;

    constructor(private readonly options: FrontDoorOptions) {
        this.services = new Map(options.services.map((service) => [service.name, service]));
        this.clock = options.clock ?? Date.now;
    }

    async handle(wireRequest: WireRequest, wireResponse: WireResponse): Promise<void> {
        const exchange: Exchange = {
            requestId: randomUUID(),
            startedMs: performance.now(),
            protocol: "json",
            service: "",
            operation: "",
            path: "",
        };
        let response: ServiceResponse;
        let errorCode: string | undefined;
        try {
            response = await this.answer(wireRequest, exchange);
        } catch (error) {
            if (error instanceof ClientGoneError) {
                this.options.log?.(`${error.message} before the end of its request ${exchange.operation}`);
                return;
            }
            const awsError = this.toAwsError(error, exchange);
            errorCode = awsError.code;
            response = errorResponse(awsError, { ...exchange, contentType: exchange.contentType });
        }
        if (exchange.isCut) {
            wireRequest.socket.destroy();
        } else {
            const headers = {
                ...commonHeaders(exchange.protocol, exchange.requestId, this.clock()),
                ...response.headers,
            };
            sendResponse(wireRequest, wireResponse, { ...response, headers });
        }
        this.report(exchange, response.status, errorCode);
    }

    private async answer(wireRequest: WireRequest, exchange: Exchange): Promise<ServiceResponse> {
        const headers = headersOf(wireRequest.rawHeaders);
        const [method, url] = [wireRequest.method ?? "GET", wireRequest.url ?? "/"];
        describe(exchange, method, url, headers);
        const service = this.services.get(exchange.service);
        exchange.protocol = service?.protocol ?? guessProtocol(exchange.service, headers);
        if (!LOOPBACK_HOST.test(headers.host ?? "")) {
            throw new AwsError(
                "AccessDenied",
                `The Host header '${headers.host ?? ""}' does not name this machine.`,
                403,
            );
        }
        const body = await readBody(wireRequest, service?.requestBytesMax ?? BODY_BYTES_MAX);
        const raw: RawRequest = { method, url, headers, body };
        const request = this.verify(raw, service, exchange);
        if (!service) {
            throw this.unknownService(exchange.service);
        }
        this.authorize(service, request);
        const fault = this.options.faults?.consult(service.name, exchange.operation);
        if (fault instanceof AwsError) {
            throw fault;
        }
        exchange.isCut = fault !== undefined;
        if (fault === "close before") {
            return { status: 0, headers: {}, body: "" };
        }
        return await service.handle(request);
    }

    private verify(raw: RawRequest, service: FrontDoorService | undefined, exchange: Exchange): ServiceRequest {
        const { protocol, requestId } = exchange;
        const { principal, headers, body } = verifySignature({
            request: raw,
            service: exchange.service,
            protocol,
            // The global services (STS) are signed for whatever region the client is in.
            region: service?.protocol === "query" ? undefined : this.options.region,
            nowMs: this.clock(),
            findKey: (accessKeyId) => this.options.identities.findByAccessKey(accessKeyId),
            signingKeys: this.signingKeys,
        });
        exchange.principal = principal;
        const operation = operationOf(headers);
        return { method: raw.method, url: raw.url, headers, body, operation, principal, requestId };
    }

    private authorize(service: FrontDoorService, request: ServiceRequest): void {
        const { principal } = request;
        const { region } = this.options;
        const authorizations: AuthorizationWithKeys[] = service.authorizations(request);
        for (const { action, resource, keys } of authorizations) {
            const context: RequestContext = { nowMs: this.clock(), region, keys };
            try {
                authorize(principal, action, resource, context, service.resourcePolicy?.(resource));
            } catch (error) {
                if (error instanceof AwsError) {
                    const { message } = error;
                    this.options.onDenied?.({ principalArn: principal.arn, action, resource, message });
                }
                throw error;
            }
        }
    }

    private unknownService(name: string): AwsError {
        const known = Array.from(this.services.keys()).sort().join(", ");
        return new AwsError("NotImplemented", `The embedded cloud has no service '${name}', only ${known}.`, 501);
    }

    private toAwsError(error: unknown, { protocol, requestId }: Exchange): AwsError {
        if (error instanceof AwsError) {
            return accessDenied(error, protocol);
        }
        if (error instanceof BodyTooLargeError) {
            return protocol === "rest-xml"
                ? new AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400)
                : new AwsError("RequestEntityTooLargeException", error.message, 413);
        }
        const report = this.options.onInternalFailure ?? reportToStderr;
        report(error, requestId);
        return internalFailure(protocol);
    }

    private report(exchange: Exchange, status: number, errorCode: string | undefined): void {
        const { requestId, service, operation, principal, startedMs } = exchange;
        this.options.onRequest?.({
            requestId,
            service,
            operation,
            principalArn: principal?.arn,
            status,
            errorCode,
            milliseconds: performance.now() - startedMs,
        });
    }
}

function describe(exchange: Exchange, method: string, url: string, headers: Readonly<Record<string, string>>): void {
    exchange.path = splitUrl(url).path;
    exchange.contentType = headers["content-type"];
    exchange.service = serviceOfScope(headers.authorization) ?? "";
    exchange.operation = operationOf(headers) || `${method} ${exchange.path}`;
}

/** `PutRecords` of `X-Amz-Target: Kinesis_20131202.PutRecords`. */
function operationOf(headers: Readonly<Record<string, string>>): string {
    return /\.([^.]*)$/.exec(headers["x-amz-target"] ?? "")?.[1] ?? "";
}

/** The services of AWS that speak REST and XML; all others that speak REST speak JSON. */
const REST_XML_SERVICES = new Set(["", "s3", "s3express", "s3-outposts", "route53", "cloudfront"]);

/** How to answer a request that is for no service of ours, or not signed. */
function guessProtocol(service: string, headers: Readonly<Record<string, string>>): Protocol {
    if (headers["x-amz-target"] !== undefined) {
        return "json";
    }
    if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
        return "query";
    }
    return REST_XML_SERVICES.has(service) ? "rest-xml" : "rest-json";
}

function reportToStderr(error: unknown, requestId: string): void {
    console.error(`The embedded cloud failed at request ${requestId}:`, error);
}
