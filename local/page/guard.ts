import type { IncomingHttpHeaders } from "node:http";

/** Why a request is not answered. */
export interface Refusal {
    readonly status: 403 | 421;
    readonly message: string;
}

const READING_METHODS: readonly string[] = ["GET", "HEAD"];

/**
 * Refuses what a page of another site makes the browser send: requests under a foreign name (DNS rebinding: such a page's name
 * made to mean this machine), and requests across sites, those of other ports of this machine included. A browser says where
 * a request comes from in Sec-Fetch-Site and, at the latest when something could be changed, in Origin. Programs other than
 * browsers say neither: they may read.
 * @param port that the page is served on
 */
export function refusalOf(method: string, headers: IncomingHttpHeaders, port: number): Refusal | undefined {
    const { host = "", origin, "sec-fetch-site": site } = headers;
    if (!hostsOf(port).includes(host.toLowerCase())) {
        return { status: 421, message: `This is http://127.0.0.1:${port}, and not '${host.slice(0, 100)}'.` };
    }
    const isOwnOrigin = origin === `http://${host}`;
    const isOwn = origin === undefined ? site === "same-origin" : isOwnOrigin;
    const isForeign =
        (origin !== undefined && !isOwnOrigin) || (site !== undefined && site !== "same-origin" && site !== "none");
    if (isForeign || (!READING_METHODS.includes(method) && !isOwn)) {
        const message = `Requests of other sites are refused. Type http://127.0.0.1:${port} into the browser's address bar.`;
        return { status: 403, message };
    }
    return undefined;
}

/** A browser leaves the port out where it is HTTP's own. */
function hostsOf(port: number): string[] {
    return ["127.0.0.1", "localhost"].flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
}

const EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
};

/** For everything of the page: only its own files, no inline script or style, and no text that becomes markup. */
export const PAGE_HEADERS = {
    ...EVERYWHERE,
    "content-security-policy": [
        "default-src 'none'",
        ...["script-src", "style-src", "img-src", "connect-src"].map((directive) => `${directive} 'self'`),
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ].join("; "),
};

/** For dynamodb-admin, whose pages have inline scripts, styles and handlers: it can load nothing from elsewhere either. */
export const ADMIN_HEADERS = {
    ...EVERYWHERE,
    "content-security-policy": [
        "default-src 'none'",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ].join("; "),
};
