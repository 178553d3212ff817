import { expect } from "chai";
import { parsePolicy, type PolicyKind } from "../../../local/iam/policy-document";

const STATEMENT = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/*" };
const TRUST = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } };
const documentWith = (...statements: unknown[]): unknown => ({ Version: "2012-10-17", Statement: statements });

describe("a policy document", () => {
    const accepted: [name: string, document: unknown, kind: PolicyKind][] = [
        ["JSON text", JSON.stringify(documentWith(STATEMENT)), "identity"],
        ["an object", documentWith(STATEMENT), "identity"],
        ["a single statement instead of a list", { Version: "2012-10-17", Statement: STATEMENT }, "identity"],
        ["an Id", { ...(documentWith(STATEMENT) as object), Id: "mine" }, "identity"],
        ["no version", { Statement: [STATEMENT] }, "identity"],
        ["a trust policy", documentWith(TRUST), "trust"],
        ["a resource policy", documentWith({ ...STATEMENT, Principal: "*" }), "resource"],
        [
            "different statement identifiers",
            documentWith({ ...STATEMENT, Sid: "A" }, { ...STATEMENT, Sid: "B" }),
            "identity",
        ],
    ];
    for (const [name, document, kind] of accepted) {
        it(`is accepted with ${name}`, () => {
            expect(parsePolicy(document, kind).Statement).to.not.have.lengthOf(0);
        });
    }

    const conditioned = (condition: unknown): unknown => documentWith({ ...STATEMENT, Condition: condition });
    const refused: [name: string, document: unknown, message: RegExp, kind?: PolicyKind][] = [
        ["text that is not JSON", "{", /Syntax errors in policy/],
        ["a list", [], /Syntax errors in policy/],
        ["another version", { Version: "2020-01-01", Statement: [STATEMENT] }, /valid version string/],
        [
            "an unknown element",
            { ...(documentWith(STATEMENT) as object), Statements: [] },
            /unknown element Statements/,
        ],
        ["no statement", { Version: "2012-10-17" }, /Syntax errors/],
        ["an empty list of statements", documentWith(), /Syntax errors/],
        ["no effect", documentWith({ ...STATEMENT, Effect: undefined }), /Effect of Allow or Deny/],
        ["an effect in other case", documentWith({ ...STATEMENT, Effect: "allow" }), /Effect of Allow or Deny/],
        ["no action", documentWith({ ...STATEMENT, Action: undefined }), /must contain actions/],
        ["an empty list of actions", documentWith({ ...STATEMENT, Action: [] }), /must contain actions/],
        ["Action and NotAction", documentWith({ ...STATEMENT, NotAction: "s3:*" }), /already has instance of Action/],
        ["an action without a service", documentWith({ ...STATEMENT, Action: "GetObject" }), /prefaced by a vendor/],
        ["an action that is a number", documentWith({ ...STATEMENT, Action: {} }), /expected text in Action/],
        ["no resource", documentWith({ ...STATEMENT, Resource: undefined }), /must contain resources/],
        [
            "a resource that is no ARN",
            documentWith({ ...STATEMENT, Resource: "bucket/*" }),
            /bucket\/\* must be in ARN format/,
        ],
        [
            "a principal in an identity policy",
            documentWith({ ...STATEMENT, Principal: "*" }),
            /should not specify a principal/,
        ],
        ["a misspelt element", documentWith({ ...STATEMENT, Resources: "*" }), /unknown element Resources/],
        ["a statement identifier with a dash", documentWith({ ...STATEMENT, Sid: "a-b" }), /alpha-numeric/],
        [
            "the same identifier twice",
            documentWith({ ...STATEMENT, Sid: "A" }, { ...STATEMENT, Sid: "A" }),
            /must be unique/,
        ],
        [
            "an unknown condition operator",
            conditioned({ StringIs: { "aws:username": "x" } }),
            /condition operator StringIs/,
        ],
        [
            "an operator for sets of values",
            conditioned({ "ForAnyValue:StringEquals": { "aws:username": "x" } }),
            /ForAnyValue/,
        ],
        [
            "a condition key without a value here",
            conditioned({ StringEquals: { "aws:PrincipalTag/x": "y" } }),
            /PrincipalTag\/x/,
        ],
        ["a condition that is not nested", conditioned({ StringEquals: "x" }), /Syntax errors/],
        [
            "a truth value that is none",
            conditioned({ Bool: { "aws:SecureTransport": "yes" } }),
            /true or false, got 'yes'/,
        ],
        [
            "a number that is none",
            conditioned({ NumericEquals: { "aws:EpochTime": "x" } }),
            /a number or a date, got 'x'/,
        ],
        ["an address that is none", conditioned({ IpAddress: { "aws:SourceIp": "1.2.3" } }), /got '1.2.3'/],
        [
            "an unknown variable",
            documentWith({ ...STATEMENT, Resource: "arn:aws:s3:::${aws:who}" }),
            /variable \$\{aws:who\}/,
        ],
        [
            "a variable in an old version",
            { Version: "2008-10-17", Statement: { ...STATEMENT, Resource: "arn:aws:s3:::${aws:username}" } },
            /2012-10-17/,
        ],
        [
            "a resource in a trust policy",
            documentWith({ ...TRUST, Resource: "*" }),
            /prohibited field Resource/,
            "trust",
        ],
        [
            "no principal in a trust policy",
            documentWith({ ...TRUST, Principal: undefined }),
            /required field Principal/,
            "trust",
        ],
        [
            "a federated principal",
            documentWith({ ...TRUST, Principal: { Federated: "x" } }),
            /unknown element Federated/,
            "trust",
        ],
        ["NotPrincipal", documentWith({ ...STATEMENT, NotPrincipal: "*" }), /NotPrincipal/, "resource"],
    ];
    for (const [name, document, message, kind = "identity"] of refused) {
        it(`is refused with ${name}`, () => {
            expect(() => parsePolicy(document, kind))
                .to.throw(message)
                .with.property("code", "MalformedPolicyDocument");
        });
    }

    it("does not change when its source does", () => {
        const source = { Version: "2012-10-17", Statement: [{ ...STATEMENT }] };
        const policy = parsePolicy(source, "identity");
        source.Statement.length = 0;
        expect(policy.Statement).to.have.lengthOf(1);
    });
});
