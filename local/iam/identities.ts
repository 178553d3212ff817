import { randomBytes } from "node:crypto";
import { ACCOUNT_ID, PARTITION } from "../account";
import { AwsError } from "../aws-error";
import { AccessKeys } from "./access-keys";
import { conditionValues } from "./context";
import { type KeyPair, type Random, uniqueId } from "./credentials";
import { ManagedPolicies } from "./managed-policies";
import { evaluate } from "./policy";
import { parsePolicy, statementsOf } from "./policy-document";
import { noSuchEntity, PolicyHolder } from "./policy-holder";
import type { PolicyDocument, Principal } from "./principal";
import { type Session, Sessions } from "./sessions";

export type { KeyPair, TemporaryCredentials } from "./credentials";
export type { PolicyDocument, Principal } from "./principal";
export type { Session } from "./sessions";

export interface IdentitiesOptions {
    /** Milliseconds since the epoch. */
    readonly clock?: () => number;
    readonly random?: Random;
}

export interface User {
    readonly userName: string;
    readonly arn: string;
    readonly userId: string;
}

export interface Role {
    readonly roleName: string;
    readonly arn: string;
    readonly roleId: string;
}

/** What the front door needs to know about an access key. */
export interface KnownKey {
    readonly secretAccessKey: string;
    /** Temporary keys only count together with their token, until they expire. */
    readonly session?: { readonly token: string; readonly expiresAtMs: number };
    readonly principal: Principal;
}

interface UserState extends User {
    readonly policies: PolicyHolder;
}

interface RoleState extends Role {
    readonly policies: PolicyHolder;
    trust: PolicyDocument;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const USER_POLICY_CHARACTERS_MAX = 2_048;
const ROLE_POLICY_CHARACTERS_MAX = 10_240;
/** As long as Lambda lets the credentials of one execution environment live. */
const SESSION_SECONDS_DEFAULT = 12 * 60 * 60;
const NAME = /^[\w+=,.@-]{1,64}$/;

/** The users, roles, policies and keys of the account: IAM, as far as a deployment and the front door need it. */
export class Identities {
    private readonly users = new Map<string, UserState>();
    private readonly roles = new Map<string, RoleState>();
    private readonly managed = new ManagedPolicies();
    private readonly accessKeys: AccessKeys;
    private readonly sessions: Sessions;
    private readonly clock: () => number;
    private readonly random: Random;

    constructor({ clock = Date.now, random = randomBytes }: IdentitiesOptions = {}) {
        this.clock = clock;
        this.random = random;
        this.accessKeys = new AccessKeys(random);
        this.sessions = new Sessions(clock, random);
    }

    /**
     * @param path `/`, or `/team/`
     * @throws AwsError EntityAlreadyExists, ValidationError
     */
    createUser(userName: string, path = "/"): User {
        checkName(userName, "userName");
        if (this.users.has(userName)) {
            throw new AwsError("EntityAlreadyExists", `User with name ${userName} already exists.`, 409);
        }
        const user: UserState = {
            userName,
            arn: iamArn(`user${path}${userName}`),
            userId: uniqueId("AIDA", this.random),
            policies: new PolicyHolder(`user ${userName}`, USER_POLICY_CHARACTERS_MAX),
        };
        this.users.set(userName, user);
        return user;
    }

    /** @throws AwsError NoSuchEntity; DeleteConflict while it has keys or policies */
    deleteUser(userName: string): void {
        const user = this.user(userName);
        user.policies.checkDeletable();
        if (this.accessKeys.countOf(user.arn) > 0) {
            throw new AwsError("DeleteConflict", "Cannot delete entity, must delete access keys first.", 409);
        }
        this.users.delete(userName);
    }

    /**
     * @param assumeRolePolicy the trust policy, as JSON text or as an object
     * @throws AwsError EntityAlreadyExists, MalformedPolicyDocument, ValidationError
     */
    createRole(roleName: string, assumeRolePolicy: unknown, path = "/"): Role {
        checkName(roleName, "roleName");
        if (this.roles.has(roleName)) {
            throw new AwsError("EntityAlreadyExists", `Role with name ${roleName} already exists.`, 409);
        }
        const role: RoleState = {
            roleName,
            arn: iamArn(`role${path}${roleName}`),
            roleId: uniqueId("AROA", this.random),
            policies: new PolicyHolder(`role ${roleName}`, ROLE_POLICY_CHARACTERS_MAX),
            trust: parsePolicy(assumeRolePolicy, "trust"),
        };
        this.roles.set(roleName, role);
        return role;
    }

    /** @throws AwsError NoSuchEntity, MalformedPolicyDocument */
    updateAssumeRolePolicy(roleName: string, assumeRolePolicy: unknown): void {
        this.role(roleName).trust = parsePolicy(assumeRolePolicy, "trust");
    }

    /** @throws AwsError NoSuchEntity; DeleteConflict while it has policies */
    deleteRole(roleName: string): void {
        this.role(roleName).policies.checkDeletable();
        this.roles.delete(roleName);
    }

    /**
     * Adds or replaces an inline policy.
     * @param document JSON text, or the document itself
     * @throws AwsError NoSuchEntity, MalformedPolicyDocument, LimitExceeded
     */
    putUserPolicy(userName: string, policyName: string, document: unknown): void {
        this.user(userName).policies.put(policyName, document);
    }

    deleteUserPolicy(userName: string, policyName: string): void {
        this.user(userName).policies.delete(policyName);
    }

    /** Like `putUserPolicy`, for a role. */
    putRolePolicy(roleName: string, policyName: string, document: unknown): void {
        this.role(roleName).policies.put(policyName, document);
    }

    deleteRolePolicy(roleName: string, policyName: string): void {
        this.role(roleName).policies.delete(policyName);
    }

    /**
     * Creates a customer-managed policy.
     * @returns its ARN
     * @throws AwsError EntityAlreadyExists, MalformedPolicyDocument
     */
    createPolicy(policyName: string, document: unknown, path = "/"): string {
        checkName(policyName, "policyName");
        const arn = iamArn(`policy${path}${policyName}`);
        this.managed.create(arn, policyName, document);
        return arn;
    }

    /** Replaces the content of a customer-managed policy for everyone that it is attached to. */
    updatePolicy(policyArn: string, document: unknown): void {
        this.managed.update(policyArn, document);
    }

    /** @throws AwsError NoSuchEntity; DeleteConflict while it is attached */
    deletePolicy(policyArn: string): void {
        this.managed.delete(policyArn);
    }

    /** @throws AwsError NoSuchEntity, also for a policy of AWS whose content is not known here */
    attachUserPolicy(userName: string, policyArn: string): void {
        this.user(userName).policies.attach(this.managed.get(policyArn));
    }

    detachUserPolicy(userName: string, policyArn: string): void {
        this.user(userName).policies.detach(policyArn);
    }

    /** Like `attachUserPolicy`, for a role. */
    attachRolePolicy(roleName: string, policyArn: string): void {
        this.role(roleName).policies.attach(this.managed.get(policyArn));
    }

    detachRolePolicy(roleName: string, policyArn: string): void {
        this.role(roleName).policies.detach(policyArn);
    }

    /** @throws AwsError NoSuchEntity, LimitExceeded */
    createAccessKey(userName: string): KeyPair {
        const user = this.user(userName);
        const principal = { arn: user.arn, userId: user.userId, policies: () => user.policies.documents() };
        return this.accessKeys.create(principal);
    }

    /** An inactive key is refused like an unknown one. */
    setAccessKeyActive(accessKeyId: string, active: boolean): void {
        this.accessKeys.setActive(accessKeyId, active);
    }

    deleteAccessKey(accessKeyId: string): void {
        this.accessKeys.delete(accessKeyId);
    }

    /** A key that is allowed everything, for whoever runs the embedded cloud. */
    createAdministratorKey(): KeyPair {
        return this.accessKeys.create({
            arn: iamArn("user/administrator"),
            userId: uniqueId("AIDA", this.random),
            policies: () => "administrator",
        });
    }

    /**
     * Temporary credentials with the permissions of a role, if its trust policy lets the service assume it.
     * @param service such as `lambda.amazonaws.com`
     * @param keys condition keys that the service brings along, such as `aws:sourceaccount`
     * @throws AwsError NoSuchEntity, AccessDenied, LimitExceeded
     */
    assumeRole(
        roleArn: string,
        sessionName: string,
        service: string,
        { durationSeconds = SESSION_SECONDS_DEFAULT, keys }: AssumeRoleOptions = {},
    ): Session {
        const role = Array.from(this.roles.values()).find(({ arn }) => arn === roleArn);
        if (!role) {
            throw noSuchEntity(`The role ${roleArn} cannot be found.`);
        }
        const principal: Principal = {
            arn: `arn:${PARTITION}:sts::${ACCOUNT_ID}:assumed-role/${role.roleName}/${sessionName}`,
            userId: `${role.roleId}:${sessionName}`,
            policies: () => (this.roles.get(role.roleName) === role ? role.policies.documents() : []),
        };
        this.checkTrust(role, principal, service, keys);
        return this.sessions.open(principal, durationSeconds);
    }

    /** The key with this identifier, if it is in force; expired temporary keys are still found for an hour. */
    findByAccessKey(accessKeyId: string): KnownKey | undefined {
        const key = this.accessKeys.find(accessKeyId);
        if (key) {
            return key.active ? { secretAccessKey: key.secretAccessKey, principal: key.principal } : undefined;
        }
        const session = this.sessions.find(accessKeyId);
        if (!session) {
            return undefined;
        }
        const { secretAccessKey, principal, sessionToken, expiration } = session;
        return { secretAccessKey, principal, session: { token: sessionToken, expiresAtMs: expiration.getTime() } };
    }

    private checkTrust(role: RoleState, principal: Principal, service: string, keys?: Record<string, string>): void {
        const action = "sts:AssumeRole";
        const decision = evaluate(statementsOf(role.trust, "trust"), {
            action,
            resource: role.arn,
            values: conditionValues(principal, action, { nowMs: this.clock(), keys }),
            isAbout: ({ everyone, services }) => everyone || services.includes(service),
        });
        if (decision !== "allow") {
            const message = `The role defined for the function cannot be assumed by ${service}: ${role.arn}`;
            throw new AwsError("AccessDenied", message, 403);
        }
    }

    private user(userName: string): UserState {
        const user = this.users.get(userName);
        if (!user) {
            throw noSuchEntity(`The user with name ${userName} cannot be found.`);
        }
        return user;
    }

    private role(roleName: string): RoleState {
        const role = this.roles.get(roleName);
        if (!role) {
            throw noSuchEntity(`The role with name ${roleName} cannot be found.`);
        }
        return role;
    }
}

export interface AssumeRoleOptions {
    readonly durationSeconds?: number;
    readonly keys?: Record<string, string>;
}

function iamArn(resource: string): string {
    return `arn:${PARTITION}:iam::${ACCOUNT_ID}:${resource}`;
}

function checkName(name: string, parameter: string): void {
    if (!NAME.test(name)) {
        const message =
            `The specified value for ${parameter} is invalid. ` +
            "It must contain only alphanumeric characters and/or the following: +=,.@_-";
        throw new AwsError("ValidationError", message);
    }
}
