import { expect } from "chai";
import { authorize } from "../../../local/iam/authorize";
import { Identities } from "../../../local/iam/identities";
import { statementsOf } from "../../../local/iam/policy-document";

const allow = (action: string): object => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: action, Resource: "*" }],
});
const trust = (service: string, condition?: object): object => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service }, Condition: condition }],
});
const BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const LAMBDA = "lambda.amazonaws.com";
const HOUR_MS = 60 * 60 * 1000;

function codeOf(run: () => unknown): string {
    try {
        run();
        return "none";
    } catch (error) {
        return (error as { code?: string }).code ?? String(error);
    }
}

describe("users", () => {
    it("have keys of AWS's form, that lead to them and their policies", () => {
        const identities = new Identities();
        const { arn, userId } = identities.createUser("producer", "/apps/");
        identities.putUserPolicy("producer", "put", allow("kinesis:PutRecords"));
        const { accessKeyId, secretAccessKey } = identities.createAccessKey("producer");
        expect(accessKeyId).to.match(/^AKIA[A-Z2-7]{16}$/);
        expect(secretAccessKey).to.match(/^[A-Za-z0-9+/]{40}$/);
        expect(userId).to.match(/^AIDA[A-Z2-7]{17}$/);
        const key = identities.findByAccessKey(accessKeyId);
        expect(key).to.include({ secretAccessKey });
        expect(key).to.not.have.property("session");
        expect(key?.principal).to.include({ arn, userId });
        expect(arn).to.equal("arn:aws:iam::000000000000:user/apps/producer");
        authorize(key!.principal, "kinesis:PutRecords", "*");
    });

    it("lose and gain permissions at once", () => {
        const identities = new Identities();
        identities.createUser("u");
        const { principal } = identities.findByAccessKey(identities.createAccessKey("u").accessKeyId)!;
        const can = (): string => codeOf(() => authorize(principal, "s3:PutObject", "*"));
        expect(can()).to.equal("AccessDeniedException");
        identities.putUserPolicy("u", "p", allow("s3:*"));
        expect(can()).to.equal("none");
        identities.putUserPolicy("u", "p", allow("s3:Get*"));
        expect(can()).to.equal("AccessDeniedException");
        const arn = identities.createPolicy("shared", allow("s3:Put*"));
        identities.attachUserPolicy("u", arn);
        expect(can()).to.equal("none");
        identities.updatePolicy(arn, allow("s3:List*"));
        expect(can()).to.equal("AccessDeniedException");
        identities.deleteUserPolicy("u", "p");
        identities.detachUserPolicy("u", arn);
        expect(principal.policies()).to.deep.equal([]);
    });

    it("have at most two keys, which can be switched off and deleted", () => {
        const identities = new Identities();
        identities.createUser("u");
        const { accessKeyId } = identities.createAccessKey("u");
        identities.createAccessKey("u");
        expect(codeOf(() => identities.createAccessKey("u"))).to.equal("LimitExceeded");
        identities.setAccessKeyActive(accessKeyId, false);
        expect(identities.findByAccessKey(accessKeyId)).to.equal(undefined);
        identities.setAccessKeyActive(accessKeyId, true);
        expect(identities.findByAccessKey(accessKeyId)).to.not.equal(undefined);
        identities.deleteAccessKey(accessKeyId);
        expect(identities.findByAccessKey(accessKeyId)).to.equal(undefined);
        identities.createAccessKey("u");
    });

    it("are refused or kept as AWS does", () => {
        const identities = new Identities();
        identities.createUser("u");
        expect(codeOf(() => identities.createUser("u"))).to.equal("EntityAlreadyExists");
        expect(codeOf(() => identities.createUser("a/b"))).to.equal("ValidationError");
        expect(codeOf(() => identities.createAccessKey("v"))).to.equal("NoSuchEntity");
        expect(codeOf(() => identities.putUserPolicy("u", "p", "{"))).to.equal("MalformedPolicyDocument");
        expect(codeOf(() => identities.putUserPolicy("u", "p", allow(`s3:${"a".repeat(2_048)}`)))).to.equal(
            "LimitExceeded",
        );
        const { accessKeyId } = identities.createAccessKey("u");
        expect(codeOf(() => identities.deleteUser("u"))).to.equal("DeleteConflict");
        identities.deleteAccessKey(accessKeyId);
        identities.putUserPolicy("u", "p", allow("s3:*"));
        expect(codeOf(() => identities.deleteUser("u"))).to.equal("DeleteConflict");
        identities.deleteUserPolicy("u", "p");
        expect(codeOf(() => identities.deleteUserPolicy("u", "p"))).to.equal("NoSuchEntity");
        identities.deleteUser("u");
        expect(codeOf(() => identities.deleteUser("u"))).to.equal("NoSuchEntity");
    });
});

describe("managed policies", () => {
    it("of AWS have their real content", () => {
        const identities = new Identities();
        identities.createRole("r", trust(LAMBDA));
        identities.attachRolePolicy("r", BASIC);
        const { principal } = identities.assumeRole("arn:aws:iam::000000000000:role/r", "s", LAMBDA);
        authorize(principal, "logs:PutLogEvents", "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:*");
        expect(codeOf(() => authorize(principal, "kinesis:GetRecords", "*"))).to.equal("AccessDeniedException");
        identities.attachRolePolicy("r", BASIC.replace("Basic", "Kinesis"));
        authorize(principal, "kinesis:GetRecords", "*");
        const policies = principal.policies();
        expect(policies).to.not.equal("administrator");
        expect((policies as []).flatMap((policy) => statementsOf(policy, "identity"))).to.have.lengthOf(2);
    });

    it("of AWS whose content is not known are refused by name", () => {
        const identities = new Identities();
        identities.createRole("r", trust(LAMBDA));
        expect(() => identities.attachRolePolicy("r", "arn:aws:iam::aws:policy/AmazonKinesisFullAccess"))
            .to.throw(/AmazonKinesisFullAccess does not exist.*knows the content of .*AWSLambdaBasicExecutionRole/)
            .with.property("code", "NoSuchEntity");
    });

    it("cannot be deleted while attached, and those of AWS not at all", () => {
        const identities = new Identities();
        identities.createRole("r", trust(LAMBDA));
        const arn = identities.createPolicy("mine", allow("s3:*"));
        expect(codeOf(() => identities.createPolicy("mine", allow("s3:*")))).to.equal("EntityAlreadyExists");
        identities.attachRolePolicy("r", arn);
        expect(codeOf(() => identities.deletePolicy(arn))).to.equal("DeleteConflict");
        expect(codeOf(() => identities.deleteRole("r"))).to.equal("DeleteConflict");
        identities.detachRolePolicy("r", arn);
        identities.deletePolicy(arn);
        expect(codeOf(() => identities.attachRolePolicy("r", arn))).to.equal("NoSuchEntity");
        expect(codeOf(() => identities.deletePolicy(BASIC))).to.equal("NoSuchEntity");
        expect(codeOf(() => identities.updatePolicy(BASIC, allow("*")))).to.equal("NoSuchEntity");
    });
});

describe("roles", () => {
    const ROLE = "arn:aws:iam::000000000000:role/processor";

    it("give temporary credentials that count until they expire", () => {
        let now = 1_000_000;
        const identities = new Identities({ clock: () => now });
        identities.createRole("processor", trust(LAMBDA));
        const session = identities.assumeRole(ROLE, "run-1", LAMBDA, { durationSeconds: 3_600 });
        expect(session.accessKeyId).to.match(/^ASIA[A-Z2-7]{16}$/);
        expect(session.expiration.getTime()).to.equal(1_000_000 + HOUR_MS);
        const key = identities.findByAccessKey(session.accessKeyId);
        expect(key?.session).to.deep.equal({ token: session.sessionToken, expiresAtMs: 1_000_000 + HOUR_MS });
        expect(key?.principal.arn).to.equal("arn:aws:sts::000000000000:assumed-role/processor/run-1");
        now += 2 * HOUR_MS + 1;
        identities.assumeRole(ROLE, "run-2", LAMBDA);
        expect(identities.findByAccessKey(session.accessKeyId)).to.equal(undefined);
    });

    it("are assumed only by whom they trust", () => {
        const identities = new Identities();
        identities.createRole("processor", trust("events.amazonaws.com"));
        const assume = (keys?: Record<string, string>): string =>
            codeOf(() => identities.assumeRole(ROLE, "s", LAMBDA, keys ? { keys } : {}));
        expect(assume()).to.equal("AccessDenied");
        identities.updateAssumeRolePolicy("processor", trust(LAMBDA));
        expect(assume()).to.equal("none");
        const condition = { StringEquals: { "aws:SourceAccount": "000000000000" } };
        identities.updateAssumeRolePolicy("processor", trust(LAMBDA, condition));
        expect(assume()).to.equal("AccessDenied");
        expect(assume({ "aws:sourceaccount": "000000000000" })).to.equal("none");
        expect(codeOf(() => identities.assumeRole(`${ROLE}2`, "s", LAMBDA))).to.equal("NoSuchEntity");
    });

    it("take their permissions with them when they are deleted", () => {
        const identities = new Identities();
        identities.createRole("processor", trust(LAMBDA));
        identities.putRolePolicy("processor", "p", allow("s3:*"));
        const { principal } = identities.assumeRole(ROLE, "s", LAMBDA);
        authorize(principal, "s3:PutObject", "*");
        identities.deleteRolePolicy("processor", "p");
        identities.deleteRole("processor");
        identities.createRole("processor", trust(LAMBDA));
        identities.putRolePolicy("processor", "p", allow("s3:*"));
        expect(codeOf(() => authorize(principal, "s3:PutObject", "*"))).to.equal("AccessDeniedException");
    });
});

describe("the administrator", () => {
    it("may do everything", () => {
        const identities = new Identities();
        const key = identities.findByAccessKey(identities.createAdministratorKey().accessKeyId);
        expect(key?.principal.policies()).to.equal("administrator");
    });
});
