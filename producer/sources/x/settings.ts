import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { UsageError } from "../../../commandline/failure";

/** https://docs.x.com/x-api/introduction */
export const API_URL_DEFAULT = "https://api.x.com";

/** App-only: a bearer token, or the key and secret of the app, for which X gives one. Secrets: never shown. */
export type XCredentials = { bearerToken: string } | { consumerKey: string; consumerSecret: string };

export interface XSettings {
    /** Where the X API is, without a slash at its end. */
    apiUrl: string;
    credentials: XCredentials;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `X_BEARER_TOKEN`, or `X_CONSUMER_KEY` and `X_CONSUMER_SECRET`; and `X_API_URL`, for a gateway or a recording proxy between
 * here and X. From the environment, or from `.env` in the project's folder; the environment wins, also where it has the one
 * kind of credentials and the file has the other. A mistake tells of names, never of values.
 */
export async function readXSettings(environment: Variables, projectFolder: string): Promise<XSettings> {
    const file = join(projectFolder, ".env");
    const both = { ...(await readVariables(file)), ...withoutEmpty(environment) };
    const credentials = findCredentials(environment) ?? findCredentials(both);
    const problems: string[] = [];
    if (credentials === undefined) problems.push(missingCredentials(both));
    for (const name of ["X_BEARER_TOKEN", "X_CONSUMER_KEY", "X_CONSUMER_SECRET"]) {
        // It goes into a header, which takes no line break; "Bearer " or a quotation mark is a slip in copying it.
        if (!/^[!#-&(-~]*$/.test(both[name] ?? "")) {
            problems.push(`Expected \`${name}\` to be ASCII without spaces and quotation marks.`);
        }
    }
    const apiUrl = readApiUrl(both.X_API_URL ?? API_URL_DEFAULT);
    if (apiUrl === undefined)
        problems.push("Expected `X_API_URL` to be an https address without a name, key or query.");
    if (problems.length > 0 || credentials === undefined || apiUrl === undefined) throw new UsageError(problems);
    return { apiUrl, credentials };
}

async function readVariables(file: string): Promise<Variables> {
    try {
        return withoutEmpty(parseEnv(await readFile(file, "utf8")));
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === "ENOENT") return {};
        throw new UsageError(`\`${file}\` cannot be read: ${message}.`);
    }
}

/** An empty variable is one that was unset: `X_BEARER_TOKEN= npm run producer`. */
function withoutEmpty(variables: Variables): Variables {
    return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""));
}

function findCredentials(variables: Variables): XCredentials | undefined {
    const { X_BEARER_TOKEN: bearerToken, X_CONSUMER_KEY: consumerKey, X_CONSUMER_SECRET: consumerSecret } = variables;
    if (bearerToken) return { bearerToken };
    return consumerKey && consumerSecret ? { consumerKey, consumerSecret } : undefined;
}

function missingCredentials({ X_CONSUMER_KEY: consumerKey, X_CONSUMER_SECRET: consumerSecret }: Variables): string {
    const found = consumerKey ? "only `X_CONSUMER_KEY`" : consumerSecret ? "only `X_CONSUMER_SECRET`" : "none of them";
    return (
        "Expected `X_BEARER_TOKEN`, or `X_CONSUMER_KEY` and `X_CONSUMER_SECRET`, in the environment or in `.env`, " +
        `got ${found}.`
    );
}

function readApiUrl(text: string): string | undefined {
    if (!URL.canParse(text)) return undefined;
    const { protocol, username, password, search, hash, origin, pathname } = new URL(text);
    if (protocol !== "https:" || `${username}${password}${search}${hash}` !== "") return undefined;
    return origin + pathname.replace(/\/+$/, "");
}
