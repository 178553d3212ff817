import type { ConditionValues } from "./context";
import type { Statement, StatementPrincipals } from "./policy-document";
import { matches } from "./wildcard";

/** What is asked of the policies: may this action be done to this resource? */
export interface Question {
    readonly action: string;
    readonly resource: string;
    readonly values: ConditionValues;
    /** Whether a statement of a trust or resource policy is about who asks; identity policies always are. */
    readonly isAbout?: (principals: StatementPrincipals, effect: "Allow" | "Deny") => boolean;
}

export type Decision = "allow" | "explicit deny" | "implicit deny";

/**
 * Evaluates the statements of all policies together: one Deny that applies outweighs every Allow, and what no statement
 * allows is denied.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(statements: Iterable<Statement>, question: Question): Decision {
    let decision: Decision = "implicit deny";
    for (const statement of statements) {
        if (!applies(statement, question)) {
            continue;
        }
        if (statement.effect === "Deny") {
            return "explicit deny";
        }
        decision = "allow";
    }
    return decision;
}

function applies(statement: Statement, question: Question): boolean {
    const { action, resource, values, isAbout } = question;
    const lowerAction = action.toLowerCase();
    const actionMatches = statement.actions.some((pattern) => matches(pattern, lowerAction, values));
    if (actionMatches === statement.exceptActions) {
        return false;
    }
    const resourceMatches = statement.resources.some((pattern) => matches(pattern, resource, values));
    if (resourceMatches === statement.exceptResources) {
        return false;
    }
    if (statement.principals && !isAbout?.(statement.principals, statement.effect)) {
        return false;
    }
    return statement.conditions.every((condition) => condition.holds(values));
}
