import { createHash, createHmac, type Hash } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { headersOf, type RawRequest } from "../../../local/front-door/raw-request";

/** The time at which the tests' requests are signed, unless they say otherwise. */
export const SIGNED_AT = new Date("2026-06-01T12:00:00Z");

export interface ToSign {
    readonly method?: string;
    /** Percent-encoded, without query. */
    readonly path?: string;
    readonly query?: Record<string, string | string[]>;
    readonly headers?: Record<string, string>;
    readonly body?: Buffer;
    readonly service?: string;
    readonly region?: string;
    readonly date?: Date;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
}

type Data = string | ArrayBuffer | ArrayBufferView;

/** The hash that AWS's signer asks for. */
class Sha256 {
    private readonly hash: Hash | ReturnType<typeof createHmac>;

    constructor(secret?: Data) {
        this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(secret));
    }

    update(data: Data): void {
        this.hash.update(bytes(data));
    }

    async digest(): Promise<Uint8Array> {
        return this.hash.digest();
    }

    reset(): void {
        throw new Error("Not used for signing");
    }
}

function bytes(data: Data): Buffer {
    if (typeof data === "string") {
        return Buffer.from(data);
    }
    return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}

/** A request as AWS's own signer signs it, in the form in which the front door receives it. */
export async function sign({
    method = "POST",
    path = "/",
    query = {},
    headers = {},
    body = Buffer.alloc(0),
    service = "kinesis",
    region = "us-east-1",
    date = SIGNED_AT,
    ...credentials
}: ToSign): Promise<RawRequest> {
    const signer = new SignatureV4({
        service,
        region,
        credentials,
        sha256: Sha256,
        uriEscapePath: service !== "s3",
        applyChecksum: true,
    });
    const request = { method, protocol: "http:", hostname: "127.0.0.1", path, query, body };
    const signed = await signer.sign(
        { ...request, headers: { host: "127.0.0.1:4566", ...headers } },
        { signingDate: date },
    );
    const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const));
    const search = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
    return {
        method,
        url: search === "" ? path : `${path}?${search}`,
        headers: headersOf(Object.entries(signed.headers).flat()),
        body,
    };
}
