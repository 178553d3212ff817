import { AwsError } from "../aws-error";
import { compileCondition, type Condition } from "./conditions";
import { isKnownConditionKey } from "./context";
import type { PolicyDocument } from "./principal";
import { compilePattern, type Pattern, variablesOf } from "./wildcard";

/** What a policy is attached to; it decides which elements a statement must and must not have. */
export type PolicyKind = "identity" | "trust" | "resource";

/** Who a statement of a trust or resource policy is about. */
export interface StatementPrincipals {
    readonly everyone: boolean;
    readonly aws: readonly string[];
    readonly services: readonly string[];
}

export interface Statement {
    readonly effect: "Allow" | "Deny";
    readonly actions: readonly Pattern[];
    /** NotAction: the statement is about every action but these. */
    readonly exceptActions: boolean;
    readonly resources: readonly Pattern[];
    /** NotResource: the statement is about every resource but these. */
    readonly exceptResources: boolean;
    readonly principals: StatementPrincipals | undefined;
    readonly conditions: readonly Condition[];
}

const VERSIONS = new Set(["2012-10-17", "2008-10-17"]);
const DOCUMENT_ELEMENTS = new Set(["Version", "Id", "Statement"]);
const STATEMENT_ELEMENTS = new Set([
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
]);

type JsonObject = Readonly<Record<string, unknown>>;

function malformed(message: string): AwsError {
    return new AwsError("MalformedPolicyDocument", message);
}

const compiled = new WeakMap<PolicyDocument, readonly Statement[]>();

/**
 * Reads a policy and checks all of it, as AWS does when it is attached. What AWS would accept and the embedded cloud
 * cannot evaluate (an unknown condition operator, key or variable) is refused as well.
 * @param source the JSON text, or the document itself
 * @returns the document, never changed again
 * @throws AwsError MalformedPolicyDocument
 */
export function parsePolicy(source: unknown, kind: PolicyKind): PolicyDocument {
    const document = typeof source === "string" ? parseJson(source) : structuredClone(source);
    if (!isObject(document)) {
        throw malformed("Syntax errors in policy.");
    }
    refuseUnknown(document, DOCUMENT_ELEMENTS, "policy");
    const version = document.Version ?? "2008-10-17";
    if (typeof version !== "string" || !VERSIONS.has(version)) {
        throw malformed("The policy must contain a valid version string.");
    }
    const statements: unknown[] = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
    const policy = Object.freeze({ Version: version, Statement: Object.freeze(statements) });
    if (version !== "2012-10-17" && JSON.stringify(statements).includes("${")) {
        throw malformed("Policy variables need the policy version 2012-10-17.");
    }
    compiled.set(policy, compileStatements(statements, kind));
    return policy;
}

/** The statements of a policy, compiled once. */
export function statementsOf(policy: PolicyDocument, kind: PolicyKind): readonly Statement[] {
    let statements = compiled.get(policy);
    if (!statements) {
        statements = compileStatements(policy.Statement, kind);
        compiled.set(policy, statements);
    }
    return statements;
}

function compileStatements(statements: readonly unknown[], kind: PolicyKind): Statement[] {
    if (statements.length === 0) {
        throw malformed("Syntax errors in policy.");
    }
    const sids = new Set<unknown>();
    return statements.map((statement) => {
        if (!isObject(statement)) {
            throw malformed("Syntax errors in policy.");
        }
        const { Sid: sid } = statement;
        if (sid !== undefined && sid !== "") {
            if (typeof sid !== "string" || (kind !== "resource" && !/^[A-Za-z0-9]+$/.test(sid))) {
                throw malformed(
                    "Statement IDs (SID) must be alpha-numeric. " +
                        "Check that your input satisfies the regular expression [0-9A-Za-z]*",
                );
            }
            if (sids.has(sid)) {
                throw malformed("Statement IDs (SID) in a single policy must be unique.");
            }
            sids.add(sid);
        }
        return compileStatement(statement, kind);
    });
}

function compileStatement(statement: JsonObject, kind: PolicyKind): Statement {
    refuseUnknown(statement, STATEMENT_ELEMENTS, "statement");
    const { Effect: effect } = statement;
    if (effect !== "Allow" && effect !== "Deny") {
        throw malformed("Policy statement must contain an Effect of Allow or Deny.");
    }
    const actions = oneOf(statement, "Action", "NotAction", "Policy statement must contain actions.");
    return {
        effect,
        actions: actions.values.map(compileAction),
        exceptActions: actions.except,
        ...compileResources(statement, kind),
        principals: compilePrincipals(statement, kind),
        conditions: compileConditions(statement.Condition),
    };
}

function compileAction(action: string): Pattern {
    if (action !== "*" && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/i.test(action)) {
        throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
    return compilePattern(action.toLowerCase());
}

function compileResources(statement: JsonObject, kind: PolicyKind): Pick<Statement, "resources" | "exceptResources"> {
    if (kind === "trust") {
        for (const element of ["Resource", "NotResource"]) {
            if (statement[element] !== undefined) {
                throw malformed(`Has prohibited field ${element}.`);
            }
        }
        return { resources: [], exceptResources: true };
    }
    const { values, except } = oneOf(statement, "Resource", "NotResource", "Policy statement must contain resources.");
    const resources = values.map((resource) => {
        if (resource !== "*" && !/^arn:[^:]*:[^:]*:[^:]*:[^:]*:./.test(resource)) {
            throw malformed(`Resource ${resource} must be in ARN format or "*".`);
        }
        return checkVariables(compilePattern(resource));
    });
    return { resources, exceptResources: except };
}

function compilePrincipals(statement: JsonObject, kind: PolicyKind): StatementPrincipals | undefined {
    if (kind === "identity") {
        if (statement.Principal !== undefined || statement.NotPrincipal !== undefined) {
            throw malformed("Policy document should not specify a principal.");
        }
        return undefined;
    }
    if (statement.NotPrincipal !== undefined) {
        throw malformed("The embedded cloud does not know the element NotPrincipal.");
    }
    const { Principal: principal } = statement;
    if (principal === "*") {
        return { everyone: true, aws: [], services: [] };
    }
    if (!isObject(principal)) {
        throw malformed("Missing required field Principal");
    }
    refuseUnknown(principal, new Set(["AWS", "Service"]), "principal");
    const aws = principal.AWS === undefined ? [] : textList(principal.AWS, "Principal");
    const services = principal.Service === undefined ? [] : textList(principal.Service, "Principal");
    return { everyone: aws.includes("*"), aws, services };
}

function compileConditions(element: unknown): Condition[] {
    if (element === undefined) {
        return [];
    }
    if (!isObject(element)) {
        throw malformed("Syntax errors in policy.");
    }
    return Object.entries(element).flatMap(([operator, keys]) => {
        if (!isObject(keys)) {
            throw malformed("Syntax errors in policy.");
        }
        return Object.entries(keys).map(([key, expected]) => compileOneCondition(operator, key, expected));
    });
}

function compileOneCondition(operator: string, key: string, expected: unknown): Condition {
    if (!isKnownConditionKey(key)) {
        throw malformed(`The embedded cloud cannot give the condition key ${key} a value.`);
    }
    try {
        const condition = compileCondition(operator, key, textList(expected, `Condition ${operator}`));
        condition.variables.forEach(checkVariable);
        return condition;
    } catch (error) {
        throw error instanceof TypeError ? malformed(`${error.message}.`) : error;
    }
}

function checkVariables(pattern: Pattern): Pattern {
    variablesOf(pattern).forEach(checkVariable);
    return pattern;
}

function checkVariable(name: string): void {
    if (!isKnownConditionKey(name)) {
        throw malformed(`The embedded cloud cannot give the policy variable \${${name}} a value.`);
    }
}

/** The values of an element or of its opposite; exactly one of the two must be there. */
function oneOf(
    statement: JsonObject,
    element: string,
    opposite: string,
    missing: string,
): { values: string[]; except: boolean } {
    const except = statement[element] === undefined;
    if (!except && statement[opposite] !== undefined) {
        throw malformed(`Statement/policy already has instance of ${element}`);
    }
    const value = except ? statement[opposite] : statement[element];
    if (value === undefined) {
        throw malformed(missing);
    }
    const values = textList(value, element);
    if (values.length === 0) {
        throw malformed(missing);
    }
    return { values, except };
}

/** One text or a list of texts; booleans and numbers stand for their texts, as in `"Bool": {"…": true}`. */
function textList(value: unknown, element: string): string[] {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.map((one) => {
        if (typeof one !== "string" && typeof one !== "boolean" && typeof one !== "number") {
            throw malformed(`Syntax errors in policy: expected text in ${element}.`);
        }
        return String(one);
    });
}

function refuseUnknown(element: JsonObject, known: ReadonlySet<string>, what: string): void {
    for (const name of Object.keys(element)) {
        if (!known.has(name)) {
            throw malformed(`Syntax errors in policy: unknown element ${name} in a ${what}.`);
        }
    }
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        throw malformed("Syntax errors in policy.");
    }
}

function isObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
