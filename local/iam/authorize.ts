import { ACCOUNT_ID, PARTITION } from "../account";
import { AwsError } from "../aws-error";
import type { Authorization } from "../service";
import { conditionValues, type RequestContext, roleArnOf } from "./context";
import { type Decision, evaluate } from "./policy";
import { statementsOf, type StatementPrincipals } from "./policy-document";
import type { PolicyDocument, Principal } from "./principal";

/** What a request needs to be allowed, with the condition keys that it brings along for that, such as `s3:prefix`. */
export interface AuthorizationWithKeys extends Authorization {
    readonly keys?: RequestContext["keys"];
}

/** A service whose resources have policies of their own, as S3's buckets do. */
export interface ResourcePolicies {
    /** The policy of the resource that this ARN names or lies in, or undefined. */
    resourcePolicy?(resource: string): PolicyDocument | undefined;
}

/**
 * Checks that a principal may do something.
 * @param action such as `kinesis:PutRecords`
 * @param resource an ARN, or `*` for actions that know no resource
 * @param resourcePolicy the resource's own policy, if it has one
 * @throws AwsError AccessDeniedException with AWS's sentence
 */
export function authorize(
    principal: Principal,
    action: string,
    resource: string,
    context: RequestContext = {},
    resourcePolicy?: PolicyDocument,
): void {
    const values = conditionValues(principal, action, context);
    const ownPolicy = resourcePolicy ? statementsOf(resourcePolicy, "resource") : [];
    const isAbout = (principals: StatementPrincipals, effect: "Allow" | "Deny") => names(principals, effect, principal);
    const fromResource = evaluate(ownPolicy, { action, resource, values, isAbout });
    if (fromResource === "explicit deny") {
        throw denied(principal, action, resource, "with an explicit deny in a resource-based policy");
    }
    const fromIdentity = evaluateIdentity(principal, action, resource, context);
    if (fromIdentity === "explicit deny") {
        throw denied(principal, action, resource, "with an explicit deny in an identity-based policy");
    }
    if (fromIdentity === "implicit deny" && fromResource === "implicit deny") {
        throw denied(principal, action, resource, `because no identity-based policy allows the ${action} action`);
    }
}

function evaluateIdentity(principal: Principal, action: string, resource: string, context: RequestContext): Decision {
    const policies = principal.policies();
    if (policies === "administrator") {
        return "allow";
    }
    const statements = policies.flatMap((policy) => statementsOf(policy, "identity"));
    return evaluate(statements, { action, resource, values: conditionValues(principal, action, context) });
}

/**
 * Whether a statement of a resource policy is about this principal. The account as principal (`…:root`) stands for
 * everyone in it when something is denied; when something is allowed it only lets identity policies decide.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
function names(principals: StatementPrincipals, effect: "Allow" | "Deny", principal: Principal): boolean {
    if (principals.everyone) {
        return true;
    }
    const account = [ACCOUNT_ID, `arn:${PARTITION}:iam::${ACCOUNT_ID}:root`];
    return principals.aws.some(
        (name) =>
            name === principal.arn ||
            name === roleArnOf(principal.arn) ||
            (effect === "Deny" && account.includes(name)),
    );
}

function denied(principal: Principal, action: string, resource: string, reason: string): AwsError {
    return new AwsError(
        "AccessDeniedException",
        `User: ${principal.arn} is not authorized to perform: ${action}${onResource(action, resource)} ${reason}`,
    );
}

/**
 * As services write it: S3 puts it in quotes, and says nothing where an action is about no resource.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
 */
function onResource(action: string, resource: string): string {
    if (!action.startsWith("s3:")) {
        return ` on resource: ${resource}`;
    }
    return resource === "*" ? "" : ` on resource: "${resource}"`;
}
