import type { Protocol } from "./signature-errors";
import { signatureError } from "./signature-errors";

export const ALGORITHM = "AWS4-HMAC-SHA256";

/** The parts of an `Authorization` header of SigV4. */
export interface SignedBy {
    readonly accessKeyId: string;
    /** `YYYYMMDD` */
    readonly date: string;
    readonly region: string;
    readonly service: string;
    /** `YYYYMMDD/region/service/aws4_request` */
    readonly scope: string;
    /** In lower case, in the order given. */
    readonly signedHeaders: readonly string[];
    /** 64 hexadecimal digits, if it is one at all. */
    readonly signature: string;
}

/** The service that a signature is for, or undefined where the header says none. */
export function serviceOfScope(authorization: string | undefined): string | undefined {
    return /Credential=[^/,\s]*\/[^/,\s]*\/[^/,\s]*\/([^/,\s]+)\//.exec(authorization ?? "")?.[1];
}

/**
 * Reads `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=HEX`.
 * @throws AwsError with the protocol's name for an incomplete signature
 */
export function parseAuthorization(header: string, protocol: Protocol): SignedBy {
    const [algorithm = "", ...rest] = header.trim().split(/\s+/);
    if (algorithm !== ALGORITHM) {
        const message = `Unsupported AWS 'algorithm': '${algorithm}' (only ${ALGORITHM}).`;
        throw signatureError(protocol, "unsupported", message);
    }
    const fields = new Map<string, string>();
    for (const field of rest.join(" ").split(/[,\s]+/)) {
        const mark = field.indexOf("=");
        fields.set(field.slice(0, Math.max(mark, 0)), field.slice(mark + 1));
    }
    const missing = ["Credential", "Signature", "SignedHeaders"].filter((name) => !fields.get(name));
    if (missing.length > 0) {
        const sentences = missing.map((name) => `Authorization header requires '${name}' parameter.`);
        throw signatureError(protocol, "incomplete", `${sentences.join(" ")} Authorization=${header}`);
    }
    const credential = fields.get("Credential") ?? "";
    const parts = credential.split("/");
    if (parts.length !== 5) {
        const message =
            "Credential must have exactly 5 slash-delimited elements, " +
            `e.g. keyid/date/region/service/term, got '${credential}'`;
        throw signatureError(protocol, "incomplete", message);
    }
    const [accessKeyId = "", date = "", region = "", service = "", terminator = ""] = parts;
    if (terminator !== "aws4_request") {
        const message = `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`;
        throw signatureError(protocol, "scope", message);
    }
    return {
        accessKeyId,
        date,
        region,
        service,
        scope: parts.slice(1).join("/"),
        signedHeaders: (fields.get("SignedHeaders") ?? "").toLowerCase().split(";"),
        signature: fields.get("Signature") ?? "",
    };
}
