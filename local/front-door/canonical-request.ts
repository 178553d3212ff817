import type { RawRequest } from "./raw-request";
import { splitUrl } from "./raw-request";

/**
 * The text over which SigV4 signs.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @param service S3 encodes the path once and leaves it as it is; all others normalise it and encode it a second time
 * @throws URIError where the URL is not percent-encoded correctly
 */
export function canonicalRequest(
    request: RawRequest,
    service: string,
    signedHeaders: readonly string[],
    payloadHash: string,
): string {
    const { path, query } = splitUrl(request.url);
    const headers = signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name] ?? "")}\n`);
    return [
        request.method,
        encodePath(service === "s3" ? decodePath(path) : normalisePath(path)),
        canonicalQuery(query),
        headers.join(""),
        signedHeaders.join(";"),
        payloadHash,
    ].join("\n");
}

function canonicalValue(value: string): string {
    return value.trim().replace(/[ \t]+/g, " ");
}

function canonicalQuery(query: string): string {
    if (query === "") {
        return "";
    }
    const pairs = query
        .split("&")
        .filter((pair) => pair !== "")
        .map((pair) => {
            const mark = pair.indexOf("=");
            const [name, value] = mark < 0 ? [pair, ""] : [pair.slice(0, mark), pair.slice(mark + 1)];
            return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value))] as const;
        });
    pairs.sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB));
    return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

/** By code point; encoded text is ASCII. */
function compare(a: string, b: string): number {
    return a < b ? -1 : Number(a > b);
}

/** The path without `.`, `..` and empty segments. */
function normalisePath(path: string): string[] {
    const segments: string[] = [];
    for (const segment of path.split("/")) {
        if (segment === "..") {
            segments.pop();
        } else if (segment !== "" && segment !== ".") {
            segments.push(segment);
        }
    }
    const end = path.endsWith("/") || segments.length === 0 ? [""] : [];
    return ["", ...segments, ...end];
}

function encodePath(segments: readonly string[]): string {
    return segments.map(encode).join("/");
}

function decodePath(path: string): string[] {
    return path.split("/").map(decodeURIComponent);
}

/** Percent-encodes everything but `A-Za-z0-9-._~`. */
function encode(text: string): string {
    return encodeURIComponent(text).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
}
