import type { Agent } from "node:https";
import {
    ApiPartialResponseError,
    ApiRequestError,
    ApiResponseError,
    ETwitterStreamEvent,
    TwitterApi,
    type ITwitterApiClientPlugin,
    type TwitterRateLimit,
} from "twitter-api-v2";
import type { AddedRules, Connection, ConnectionHandlers, XApi } from "./api";
import { detailOf, faultOfRefusal, isObject, XFault, type Fault } from "./fault";
import type { Rule } from "./rules";
import { API_URL_DEFAULT, type XSettings } from "./settings";
import { requestErrorOf, WholeLineTweetStream } from "./tweet-stream";

/** A request about rules takes X less than a second. */
const REQUEST_TIMEOUT_MS = 5_000;
/** A page has up to 1,000 rules; an app has no more, unless by contract. */
const RULE_PAGES_MAX = 100;
const DUPLICATE_RULE = "DuplicateRule";
/** X asks for it, to be able to tell whose requests are amiss: https://docs.x.com/x-api/fundamentals/handling-disconnections */
const USER_AGENT = "pulumi-kinesis-lambda-streamprocessing";

/**
 * What is asked for beyond a post's number and text: whose it is, with the handle in `includes`, when it was made, its language,
 * and the whole text if it is long. The wire record has no field for the language: it ends here.
 */
const STREAM_QUERY = { "tweet.fields": "author_id,created_at,lang,note_tweet", expansions: "author_id" };

/** The X API, app-only, through twitter-api-v2. */
export class XClient implements XApi {
    private client: TwitterApi | undefined;
    /** For all but the streams. */
    private readonly agent: Agent;

    /** @param createAgent opens the connections; each stream has its own, so that it can be ended before it has begun */
    constructor(
        private readonly settings: XSettings,
        private readonly createAgent: () => Agent,
    ) {
        this.agent = createAgent();
    }

    rules(): Promise<Rule[]> {
        return this.ask(async ({ v2 }) => {
            const rules: Rule[] = [];
            let token: string | undefined;
            for (let page = 0; page < RULE_PAGES_MAX; page += 1) {
                // X leaves `data` out when there are none.
                const answer: { data?: Rule[]; meta?: { next_token?: string } } = checked(
                    await v2.streamRules(token === undefined ? {} : { pagination_token: token }),
                );
                rules.push(...(answer.data ?? []));
                token = answer.meta?.next_token;
                if (token === undefined) return rules;
            }
            throw new XFault({ kind: "refused", reason: `the app has more than ${RULE_PAGES_MAX} pages of rules` });
        });
    }

    addRules(values: readonly string[], tag: string): Promise<AddedRules> {
        return this.ask(async ({ v2 }) => {
            try {
                const answer = await v2.updateStreamRules({ add: values.map((value) => ({ value, tag })) });
                const added = readAdded(checked(answer));
                if (added.ids.length + added.refused.length < values.length) throw NOT_X;
                return added;
            } catch (error) {
                // If none of them could be added, the same answer comes as an error.
                if (!(error instanceof ApiResponseError) || error.code !== 400) throw error;
                const added = readAdded(error.data);
                if (added.ids.length === 0 && added.refused.every(({ value }) => value === "")) throw error;
                return added;
            }
        });
    }

    async removeRules(ids: readonly string[]): Promise<void> {
        await this.ask(({ v2 }) => v2.updateStreamRules({ delete: { ids: [...ids] } }));
    }

    cancel(): void {
        this.agent.destroy();
    }

    connect(handlers: ConnectionHandlers): Connection {
        const agent = this.createAgent();
        let stream: WholeLineTweetStream | undefined;
        let isOver = false;
        const close = () => {
            isOver = true;
            // Before there is an answer, the library holds nothing that could be closed.
            agent.destroy();
            stream?.close();
        };
        const end = (fault: Fault) => {
            if (isOver) return;
            close();
            handlers.ended(fault);
        };
        const open = async () => {
            const { bearerToken } = (await this.login()).getActiveTokens() as { bearerToken?: string };
            if (isOver) return;
            stream = new WholeLineTweetStream(this.streamRequest(bearerToken ?? "", agent), handlers);
            listen(stream, handlers, end);
            await stream.connect({ autoReconnect: false, keepAliveTimeout: "disable" });
        };
        open().catch((error: unknown) => end(faultOf(error)));
        return { close };
    }

    private streamRequest(bearerToken: string, agent: Agent): ConstructorParameters<typeof WholeLineTweetStream>[0] {
        const url = new URL(`${this.settings.apiUrl}/2/tweets/search/stream`);
        url.search = new URLSearchParams(STREAM_QUERY).toString();
        const headers = { authorization: `Bearer ${bearerToken}`, "user-agent": USER_AGENT };
        return { url, options: { method: "GET", headers, agent } };
    }

    private async ask<T>(request: (client: TwitterApi) => Promise<T>): Promise<T> {
        try {
            return await request(await this.login());
        } catch (error) {
            throw error instanceof XFault ? error : new XFault(faultOf(error));
        }
    }

    private async login(): Promise<TwitterApi> {
        if (this.client !== undefined) return this.client;
        const { apiUrl, credentials } = this.settings;
        const settings = { httpAgent: this.agent, plugins: [viaUrl(apiUrl)] };
        if ("bearerToken" in credentials) return (this.client = new TwitterApi(credentials.bearerToken, settings));
        const { consumerKey: appKey, consumerSecret: appSecret } = credentials;
        const client = await new TwitterApi({ appKey, appSecret }, settings).appLogin();
        if (typeof Reflect.get(client.getActiveTokens(), "bearerToken") !== "string") throw NOT_X;
        return (this.client = client);
    }
}

/** Sends what is meant for X to `apiUrl`, with a time limit. The address is fixed in the library, the one of `appLogin` too. */
function viaUrl(apiUrl: string): ITwitterApiClientPlugin {
    return {
        onBeforeRequestConfig: ({ params }) => {
            // The library would go by the path, which is another behind a gateway.
            params.forceBodyMode ??= params.url.includes("/oauth2/") ? "url" : "json";
            params.url = params.url.replace(API_URL_DEFAULT, apiUrl);
            params.headers = { ...params.headers, "user-agent": USER_AGENT };
            params.timeout = REQUEST_TIMEOUT_MS;
        },
    };
}

function listen(stream: WholeLineTweetStream, handlers: ConnectionHandlers, end: (fault: Fault) => void): void {
    let error: unknown;
    stream.on(ETwitterStreamEvent.Data, (message: unknown) => handlers.message(message));
    stream.on(ETwitterStreamEvent.DataKeepAlive, () => handlers.heartbeat());
    stream.on(ETwitterStreamEvent.TweetParseError, () => handlers.unreadable("not JSON"));
    stream.on(ETwitterStreamEvent.ConnectionError, (cause: unknown) => (error = cause));
    stream.on(ETwitterStreamEvent.ConnectionClosed, () => end({ kind: "network", reason: reasonOf(error) }));
}

/** An answer that X would not give: it is of a proxy, a portal, or a wrong `X_API_URL`. */
const NOT_X = new XFault({ kind: "http", reason: "what answers does not speak as X does" });

function checked<T>(answer: T): T {
    if (!isObject(answer)) throw NOT_X;
    return answer;
}

function faultOf(error: unknown): Fault {
    if (error instanceof XFault) return error.fault;
    if (error instanceof ApiResponseError) {
        const limits = limitsOf(error.rateLimit);
        return faultOfRefusal({ status: error.code, body: error.data, limits, answeredAtMs: dateOf(error.headers) });
    }
    if (error instanceof ApiPartialResponseError) {
        const { statusCode: status = 0, headers } = error.response;
        if (status >= 400) {
            return faultOfRefusal({ status, body: undefined, limits: [], answeredAtMs: dateOf(headers) });
        }
        return { kind: "network", reason: "the answer was cut off" };
    }
    if (error instanceof ApiRequestError) return { kind: "network", reason: reasonOf(requestErrorOf(error)) };
    return { kind: "refused", reason: reasonOf(error), bug: error instanceof Error ? error : new Error(String(error)) };
}

function dateOf({ date = "" }: { date?: string }): number {
    const milliseconds = Date.parse(date);
    return Number.isNaN(milliseconds) ? Date.now() : milliseconds;
}

function limitsOf(rateLimit: TwitterRateLimit | undefined) {
    if (rateLimit === undefined) return [];
    return [rateLimit, rateLimit.day, rateLimit.userDay].filter((limit) => limit !== undefined);
}

function reasonOf(error: unknown): string {
    if (!(error instanceof Error)) return "the connection was closed";
    const { message, code } = error as NodeJS.ErrnoException;
    // Node's word for an answer that broke off.
    if (message === "aborted") return "the connection was cut";
    // The error of several addresses that were tried has no message of its own.
    return message || (code ?? error.name);
}

function readAdded(answer: unknown): AddedRules {
    const { data, errors } = isObject(answer) ? answer : {};
    const created = Array.isArray(data) ? data.filter(isObject) : [];
    const problems = Array.isArray(errors) ? errors.filter(isObject) : [];
    const isDuplicate = ({ title, id }: Record<string, unknown>) => title === DUPLICATE_RULE && typeof id === "string";
    const ids = [...created, ...problems.filter(isDuplicate)].map(({ id }) => String(id));
    const refused = problems.filter((problem) => !isDuplicate(problem));
    return {
        ids,
        refused: refused.map((problem) => ({
            value: typeof problem.value === "string" ? problem.value : "",
            reason: detailOf(problem),
        })),
    };
}
