import { expect } from "chai";
import { authorize } from "../../../local/iam/authorize";
import type { RequestContext } from "../../../local/iam/context";
import { parsePolicy } from "../../../local/iam/policy-document";
import type { Principal } from "../../../local/iam/principal";

const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/posts";
const USER = "arn:aws:iam::000000000000:user/producer";
const SESSION = "arn:aws:sts::000000000000:assumed-role/processor/session-1";

type StatementInput = Record<string, unknown>;
const allow = (rest: StatementInput): StatementInput => ({ Effect: "Allow", Action: "*", Resource: "*", ...rest });
const deny = (rest: StatementInput): StatementInput => ({ ...allow(rest), Effect: "Deny" });
const onCondition = (condition: unknown): StatementInput => allow({ Condition: condition });

function principalWith(statements: StatementInput[], arn = USER): Principal {
    const policy = parsePolicy({ Version: "2012-10-17", Statement: statements }, "identity");
    return { arn, userId: "AIDAEXAMPLE", policies: () => [policy] };
}

interface Asked {
    readonly action?: string;
    readonly resource?: string;
    readonly arn?: string;
    readonly context?: RequestContext;
}

/** What the policies say: "allowed", or the reason of the denial. */
function verdict(
    statements: StatementInput[],
    { action = "kinesis:PutRecords", resource = STREAM, arn = USER, context }: Asked = {},
): string {
    try {
        authorize(principalWith(statements, arn), action, resource, context);
        return "allowed";
    } catch (error) {
        return (error as Error).message.replace(/^.* on resource: \S+ /, "");
    }
}

const IMPLICIT = "because no identity-based policy allows the kinesis:PutRecords action";
const EXPLICIT = "with an explicit deny in an identity-based policy";

describe("policy evaluation", () => {
    const cases: [name: string, statements: StatementInput[], expected: string][] = [
        [
            "an action and resource to the letter",
            [allow({ Action: "kinesis:PutRecords", Resource: STREAM })],
            "allowed",
        ],
        ["an action in other case", [allow({ Action: "KINESIS:putrecords" })], "allowed"],
        ["an action with *", [allow({ Action: "kinesis:Put*" })], "allowed"],
        ["an action with ?", [allow({ Action: "kinesis:PutRecord?" })], "allowed"],
        ["one of several actions", [allow({ Action: ["dynamodb:Scan", "kinesis:PutRecords"] })], "allowed"],
        ["another action", [allow({ Action: "kinesis:PutRecord" })], IMPLICIT],
        ["the same name in another service", [allow({ Action: "firehose:PutRecords" })], IMPLICIT],
        ["another resource", [allow({ Resource: `${STREAM}2` })], IMPLICIT],
        ["a resource in other case", [allow({ Resource: STREAM.toUpperCase().replace("ARN", "arn") })], IMPLICIT],
        ["a resource with *", [allow({ Resource: "arn:aws:kinesis:*:*:stream/*" })], "allowed"],
        ["a resource with ?", [allow({ Resource: STREAM.replace("posts", "post?") })], "allowed"],
        ["NotAction without this one", [allow({ Action: undefined, NotAction: "iam:*" })], "allowed"],
        ["NotAction with this one", [allow({ Action: undefined, NotAction: "kinesis:*" })], IMPLICIT],
        ["NotResource without this one", [allow({ Resource: undefined, NotResource: "arn:aws:s3:::*" })], "allowed"],
        ["NotResource with this one", [allow({ Resource: undefined, NotResource: STREAM })], IMPLICIT],
        ["a deny after an allow", [allow({}), deny({ Action: "kinesis:*" })], EXPLICIT],
        ["a deny before an allow", [deny({ Action: "kinesis:*" }), allow({})], EXPLICIT],
        ["a deny of something else", [deny({ Action: "s3:*" }), allow({})], "allowed"],
        ["a deny alone", [deny({ Action: "s3:*" })], IMPLICIT],
        [
            "a deny whose condition does not hold",
            [allow({}), deny({ Condition: { Bool: { "aws:SecureTransport": "false" } } })],
            "allowed",
        ],
        ["a variable in a resource", [allow({ Resource: "arn:aws:kinesis:*:*:stream/${aws:username}" })], IMPLICIT],
    ];
    for (const [name, statements, expected] of cases) {
        it(`${name}: ${expected}`, () => {
            expect(verdict(statements)).to.equal(expected);
        });
    }

    it("a variable in a resource takes the user's name", () => {
        const statements = [allow({ Resource: "arn:aws:kinesis:*:*:stream/${aws:username}" })];
        expect(verdict(statements, { resource: STREAM.replace("posts", "producer") })).to.equal("allowed");
    });

    it("denies in AWS's words", () => {
        expect(() => authorize(principalWith([deny({})]), "kinesis:PutRecords", STREAM))
            .to.throw(
                `User: ${USER} is not authorized to perform: kinesis:PutRecords on resource: ${STREAM} ` +
                    "with an explicit deny in an identity-based policy",
            )
            .with.property("code", "AccessDeniedException");
        expect(() => authorize({ arn: SESSION, policies: () => [] }, "kinesis:GetRecords", STREAM)).to.throw(
            `User: ${SESSION} is not authorized to perform: kinesis:GetRecords on resource: ${STREAM} ` +
                "because no identity-based policy allows the kinesis:GetRecords action",
        );
    });

    it("allows the administrator everything", () => {
        authorize({ arn: USER, policies: () => "administrator" }, "kinesis:DeleteStream", STREAM);
    });
});

describe("conditions", () => {
    const noon = Date.parse("2026-06-01T12:00:00Z");
    const context: RequestContext = {
        nowMs: noon,
        region: "us-east-1",
        keys: { "s3:prefix": "home/Ann", "s3:max-keys": "10", "aws:sourcearn": "arn:aws:sns:us-east-1:1:a:b" },
    };
    const cases: [condition: Record<string, Record<string, unknown>>, holds: boolean][] = [
        [{ StringEquals: { "aws:username": "producer" } }, true],
        [{ StringEquals: { "AWS:UserName": "producer" } }, true],
        [{ StringEquals: { "aws:username": "Producer" } }, false],
        [{ StringEquals: { "aws:username": ["x", "producer"] } }, true],
        [{ StringEquals: { "aws:username": "prod*" } }, false],
        [{ StringNotEquals: { "aws:username": ["x", "producer"] } }, false],
        [{ StringNotEquals: { "aws:username": ["x", "y"] } }, true],
        [{ StringNotEquals: { "s3:delimiter": "/" } }, true],
        [{ StringEquals: { "s3:delimiter": "/" } }, false],
        [{ StringEqualsIfExists: { "s3:delimiter": "/" } }, true],
        [{ StringEqualsIfExists: { "s3:prefix": "x" } }, false],
        [{ StringEqualsIgnoreCase: { "s3:prefix": "HOME/ann" } }, true],
        [{ StringNotEqualsIgnoreCase: { "s3:prefix": "HOME/ann" } }, false],
        [{ StringLike: { "s3:prefix": "home/*" } }, true],
        [{ StringLike: { "s3:prefix": "home/${aws:username}" } }, false],
        [{ StringNotLike: { "s3:prefix": "home/???" } }, false],
        [{ ArnEquals: { "aws:PrincipalArn": USER } }, true],
        [{ ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:user/*" } }, true],
        [{ ArnLike: { "aws:PrincipalArn": "arn:aws:*" } }, false],
        [{ ArnLike: { "aws:SourceArn": "arn:aws:sns:*:1:a*" } }, true],
        [{ ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/*" } }, true],
        [{ Bool: { "aws:SecureTransport": "true" } }, true],
        [{ Bool: { "aws:SecureTransport": true } }, true],
        [{ Bool: { "aws:SecureTransport": "false" } }, false],
        [{ NumericLessThanEquals: { "s3:max-keys": "10" } }, true],
        [{ NumericLessThan: { "s3:max-keys": 10 } }, false],
        [{ NumericGreaterThan: { "s3:max-keys": "9.5" } }, true],
        [{ NumericEquals: { "s3:max-keys": "10.0" } }, true],
        [{ NumericNotEquals: { "s3:max-keys": "10" } }, false],
        [{ DateLessThan: { "aws:CurrentTime": "2026-06-01T12:00:01Z" } }, true],
        [{ DateGreaterThanEquals: { "aws:CurrentTime": "2026-06-01T12:00:01Z" } }, false],
        [{ DateGreaterThan: { "aws:CurrentTime": String(noon / 1000 - 1) } }, true],
        [{ NumericEquals: { "aws:EpochTime": String(noon / 1000) } }, true],
        [{ IpAddress: { "aws:SourceIp": "127.0.0.0/8" } }, true],
        [{ IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "::1"] } }, false],
        [{ NotIpAddress: { "aws:SourceIp": "10.0.0.1" } }, true],
        [{ Null: { "s3:delimiter": "true" } }, true],
        [{ Null: { "s3:prefix": "true" } }, false],
        [{ Null: { "s3:prefix": "false" } }, true],
        [{ StringEquals: { "aws:ResourceAccount": "000000000000", "aws:RequestedRegion": "us-east-1" } }, true],
        [{ StringEquals: { "aws:ResourceAccount": "000000000000", "aws:RequestedRegion": "eu-west-1" } }, false],
        [{ StringEquals: { "aws:ResourceAccount": "000000000000" }, Bool: { "aws:SecureTransport": "false" } }, false],
        [{ StringEquals: { "s3:ResourceAccount": "000000000000" } }, false],
    ];
    for (const [condition, holds] of cases) {
        it(`${JSON.stringify(condition)} ${holds ? "holds" : "does not hold"}`, () => {
            expect(verdict([onCondition(condition)], { context })).to.equal(holds ? "allowed" : IMPLICIT);
        });
    }

    it("s3:ResourceAccount has a value for the actions of S3", () => {
        const statements = [onCondition({ StringEquals: { "s3:ResourceAccount": "000000000000" } })];
        expect(verdict(statements, { action: "s3:PutObject", resource: "arn:aws:s3:::bucket/key" })).to.equal(
            "allowed",
        );
    });

    it("a role's session is known by the ARN of its role", () => {
        const role = "arn:aws:iam::000000000000:role/processor";
        expect(verdict([onCondition({ ArnEquals: { "aws:PrincipalArn": role } })], { arn: SESSION })).to.equal(
            "allowed",
        );
    });
});

describe("resource policies", () => {
    const object = "arn:aws:s3:::bucket/key";
    const policy = (statement: StatementInput): ReturnType<typeof parsePolicy> =>
        parsePolicy(
            { Version: "2012-10-17", Statement: [{ Action: "s3:*", Resource: object, ...statement }] },
            "resource",
        );
    const account = "arn:aws:iam::000000000000:root";
    const cases: [name: string, statement: StatementInput, own: StatementInput[], expected: string][] = [
        ["a deny for everyone", { Effect: "Deny", Principal: "*" }, [allow({})], "explicit"],
        ["a deny for the account", { Effect: "Deny", Principal: { AWS: account } }, [allow({})], "explicit"],
        ["a deny for someone else", { Effect: "Deny", Principal: { AWS: `${USER}2` } }, [allow({})], "allowed"],
        [
            "a deny without TLS, as usual",
            {
                Effect: "Deny",
                Principal: "*",
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
            [allow({})],
            "allowed",
        ],
        [
            "an allow for the user, without one of its own",
            { Effect: "Allow", Principal: { AWS: [USER] } },
            [],
            "allowed",
        ],
        ["an allow for the account", { Effect: "Allow", Principal: { AWS: account } }, [], "implicit"],
        ["an allow for a service", { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" } }, [], "implicit"],
        ["an allow against a deny of its own", { Effect: "Allow", Principal: "*" }, [deny({})], "explicit"],
    ];
    for (const [name, statement, own, expected] of cases) {
        it(`${name}: ${expected}`, () => {
            const principal: Principal = own.length > 0 ? principalWith(own) : { arn: USER, policies: () => [] };
            const check = (): void => authorize(principal, "s3:GetObject", object, {}, policy(statement));
            if (expected === "allowed") {
                check();
            } else {
                expect(check).to.throw(expected === "explicit" ? /with an explicit deny/ : /because no identity-based/);
            }
        });
    }
});
