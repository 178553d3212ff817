import { ACCOUNT_ID } from "../account";
import type { Principal } from "./principal";

/** What a policy's conditions can ask about a request, beyond who makes it. */
export interface RequestContext {
    /** Milliseconds since the epoch; the system's clock unless given. */
    readonly nowMs?: number;
    readonly region?: string;
    /** Further condition keys, such as `s3:prefix`, by their names in lower case. */
    readonly keys?: Readonly<Record<string, string>>;
}

/** Gives the value of a condition key, named in lower case, or undefined where the request has none. */
export type ConditionValues = (key: string) => string | undefined;

type KeySource = (principal: Principal, action: string, context: RequestContext) => string | undefined;

/**
 * The condition keys that have a value here. The endpoint is HTTP on the loopback interface, where no one can listen in;
 * it stands for AWS's HTTPS endpoints, so `aws:SecureTransport` is true: the usual statement that denies everything
 * without TLS keeps its meaning instead of locking everyone out.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const KEYS: Readonly<Record<string, KeySource>> = {
    "aws:securetransport": () => "true",
    "aws:viaawsservice": () => "false",
    "aws:principalisawsservice": () => "false",
    "aws:sourceip": () => "127.0.0.1",
    "aws:resourceaccount": () => ACCOUNT_ID,
    "aws:principalaccount": () => ACCOUNT_ID,
    "aws:principalarn": (principal) => roleArnOf(principal.arn) ?? principal.arn,
    "aws:principaltype": (principal) => (principal.arn.includes(":assumed-role/") ? "AssumedRole" : "User"),
    "aws:username": (principal) => /^arn:aws:iam::\d*:user\/(?:.*\/)?([^/]+)$/.exec(principal.arn)?.[1],
    "aws:userid": (principal) => principal.userId,
    "aws:currenttime": (_principal, _action, context) => new Date(context.nowMs ?? Date.now()).toISOString(),
    "aws:epochtime": (_principal, _action, context) => String(Math.floor((context.nowMs ?? Date.now()) / 1000)),
    "aws:requestedregion": (_principal, _action, context) => context.region,
    "s3:resourceaccount": (_principal, action) => (action.startsWith("s3:") ? ACCOUNT_ID : undefined),
};

/** The keys that only some requests bring along, in `RequestContext.keys`. */
const BROUGHT_KEYS = new Set(["aws:sourceaccount", "aws:sourcearn", "s3:prefix", "s3:delimiter", "s3:max-keys"]);

/** Whether a policy may ask for this condition key: one that never has a value would change what the policy means. */
export function isKnownConditionKey(key: string): boolean {
    return Object.hasOwn(KEYS, key.toLowerCase()) || BROUGHT_KEYS.has(key.toLowerCase());
}

/** The values of the condition keys of a request. */
export function conditionValues(principal: Principal, action: string, context: RequestContext): ConditionValues {
    return (key) => {
        const name = key.toLowerCase();
        const source = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
        return source ? source(principal, action, context) : context.keys?.[name];
    };
}

/** `arn:aws:iam::…:role/ROLE` of `arn:aws:sts::…:assumed-role/ROLE/SESSION`. */
export function roleArnOf(principalArn: string): string | undefined {
    const match = /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\//.exec(principalArn);
    return match ? `arn:aws:iam::${match[1] ?? ""}:role/${match[2] ?? ""}` : undefined;
}
