import { expect } from "chai";
import type { DeployedResource } from "../../local/deployment/monitor";
import { ACCOUNT, runProgram } from "../program";

interface Statement {
    readonly Effect: string;
    readonly Action?: string | string[];
    readonly NotAction?: unknown;
    readonly Resource?: string | string[];
    readonly NotResource?: unknown;
    readonly Principal?: unknown;
    readonly Condition?: unknown;
}

const STREAM = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/posts-1a2b3c4`;
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/dev-EventData`;
const BUCKET = "arn:aws:s3:::bucket/failed-events-1a2b3c4";
const LOG = `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:loggroup//aws/lambda/dev-DDBEventProcessor`;

/** Everything that anybody may do, written out. What is not here is not allowed to anybody. */
const ALLOWED = [
    `role eventProcessor: kinesis:DescribeStream ${STREAM}`,
    `role eventProcessor: kinesis:DescribeStreamSummary ${STREAM}`,
    `role eventProcessor: kinesis:GetRecords ${STREAM}`,
    `role eventProcessor: kinesis:GetShardIterator ${STREAM}`,
    `role eventProcessor: kinesis:ListShards ${STREAM}`,
    `role eventProcessor: dynamodb:BatchWriteItem ${TABLE}`,
    `role eventProcessor: dynamodb:PutItem ${TABLE}`,
    `role eventProcessor: s3:ListBucket ${BUCKET}`,
    `role eventProcessor: s3:PutObject ${BUCKET}/*`,
    `role eventProcessor: logs:CreateLogStream ${LOG}:*`,
    `role eventProcessor: logs:PutLogEvents ${LOG}:*`,
    `user producer: kinesis:PutRecord ${STREAM}`,
    `user producer: kinesis:PutRecords ${STREAM}`,
    `user replay: kinesis:GetRecords ${STREAM}`,
    `user replay: kinesis:GetShardIterator ${STREAM}`,
    `user replay: kinesis:PutRecords ${STREAM}`,
    `user replay: s3:DeleteObject ${BUCKET}/aws/lambda/*`,
    `user replay: s3:DeleteObject ${BUCKET}/quarantine/*`,
    `user replay: s3:GetObject ${BUCKET}/aws/lambda/*`,
    `user replay: s3:GetObject ${BUCKET}/quarantine/*`,
    `user replay: s3:ListBucket ${BUCKET}`,
    `user replay: s3:PutObject ${BUCKET}/replayed/*`,
    "trust eventProcessor: sts:AssumeRole lambda.amazonaws.com",
];

/**
 * Objects and streams of a log group have names that are not known before, so a wildcard may stand for them, at the end
 * alone: AWS has no resource in between.
 */
const WILDCARD_ENDS = [
    `${LOG}:*`,
    `${BUCKET}/*`,
    ...["aws/lambda", "quarantine", "replayed"].map((folder) => `${BUCKET}/${folder}/*`),
];

/** Resources that may say who may do what; any other type with a policy fails the tests until it is looked at here. */
const HOLDERS: Readonly<Record<string, string>> = {
    "aws:iam/rolePolicy:RolePolicy": "role",
    "aws:iam/userPolicy:UserPolicy": "user",
    "aws:iam/role:Role": "trust",
    "aws:s3/bucketPolicy:BucketPolicy": "bucket",
};

interface Held {
    readonly holder: string;
    readonly statement: Statement;
}

/** Every statement in any input of any resource, however deep: policies are JSON in a text, or objects. */
function statementsIn(resources: readonly DeployedResource[]): Held[] {
    return resources.flatMap(({ type, name, inputs }) =>
        documentsIn(inputs.values).flatMap((document) => {
            const holder = `${HOLDERS[type] ?? type} ${name}`;
            return listOf(document.Statement as Statement | Statement[]).map((statement) => ({ holder, statement }));
        }),
    );
}

function documentsIn(value: unknown): Record<string, unknown>[] {
    if (typeof value === "string" && value.startsWith("{")) return documentsIn(JSON.parse(value));
    if (Array.isArray(value)) return value.flatMap(documentsIn);
    if (typeof value !== "object" || value === null) return [];
    const fields = value as Record<string, unknown>;
    return "Statement" in fields ? [fields] : Object.values(fields).flatMap(documentsIn);
}

function listOf<T>(value: T | T[] | undefined): T[] {
    if (value === undefined) return [];
    return Array.isArray(value) ? value : [value];
}

describe("what anybody may do", () => {
    let resources: readonly DeployedResource[];
    let allowing: Held[];

    before(async () => {
        ({ resources } = await runProgram());
        allowing = statementsIn(resources).filter(({ statement }) => statement.Effect === "Allow");
    });

    it("is what is written here, and nothing else", () => {
        const found = allowing.flatMap(({ holder, statement: { Action, Resource, Principal } }) =>
            listOf(Action).flatMap((action) =>
                [
                    ...listOf(Resource),
                    ...(Principal === undefined ? [] : listOf((Principal as { Service: string }).Service)),
                ].map((resource) => `${holder}: ${action} ${resource}`),
            ),
        );
        expect(found.sort()).to.deep.equal([...ALLOWED].sort());
    });

    it("has no wildcard but at the end of a bucket, a folder or a log", () => {
        for (const { holder, statement } of allowing) {
            expect(statement, holder).to.not.have.any.keys("NotAction", "NotResource");
            for (const action of listOf(statement.Action)) expect(action, holder).to.match(/^[a-z0-9]+:[A-Za-z]+$/);
            for (const resource of listOf(statement.Resource)) {
                if (/[*?]/.test(resource)) expect(WILDCARD_ENDS, holder).to.include(resource);
            }
        }
    });

    it("concerns buckets of this account alone", () => {
        const onBuckets = allowing.filter(({ statement }) =>
            listOf(statement.Action).some((name) => name.startsWith("s3:")),
        );
        expect(onBuckets).to.have.length(5);
        for (const { statement } of onBuckets) {
            expect(statement.Condition).to.deep.equal({ StringEquals: { "s3:ResourceAccount": ACCOUNT } });
        }
    });

    it("is said by identities and the bucket, by no managed policy, and by nothing that nobody has looked at", () => {
        const withPolicies = resources.filter(({ inputs }) => documentsIn(inputs.values).length > 0);
        expect([...new Set(withPolicies.map(({ type }) => type))].sort()).to.deep.equal(Object.keys(HOLDERS).sort());
        for (const { type, inputs } of resources) {
            expect(type).to.not.match(/Attachment/);
            expect(inputs.values).to.not.have.any.keys("managedPolicyArns", "inlinePolicies", "permissionsBoundary");
        }
    });

    it("fits into what IAM takes of a user's and of a role's own policies", () => {
        // IAM and AWS STS quotas: 2,048 characters for all of a user, 10,240 for all of a role, without white space.
        for (const [type, charactersMax] of [
            ["aws:iam/userPolicy:UserPolicy", 2_048],
            ["aws:iam/rolePolicy:RolePolicy", 10_240],
        ] as const) {
            const sizes = resources
                .filter((resource) => resource.type === type)
                .map(({ inputs }) => (inputs.values.policy as string).replaceAll(/\s/g, "").length);
            expect(sizes, type).to.not.be.empty;
            for (const size of sizes) expect(size, type).to.be.at.most(charactersMax);
        }
    });

    it("lets one service invoke the function, for one stream", () => {
        const permissions = resources.filter(({ type }) => type === "aws:lambda/permission:Permission");
        expect(permissions.map(({ inputs }) => inputs.values)).to.deep.equal([
            {
                action: "lambda:InvokeFunction",
                function: "dev-DDBEventProcessor",
                principal: "kinesis.amazonaws.com",
                sourceArn: STREAM,
            },
        ]);
    });
});
