import { AwsError } from "../aws-error";
import { type KeyPair, newKeyPair, type Random } from "./credentials";
import { noSuchEntity } from "./policy-holder";
import type { Principal } from "./principal";

interface AccessKey extends KeyPair {
    readonly principal: Principal;
    active: boolean;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const ACCESS_KEYS_PER_USER_MAX = 2;

/** The long-term keys of all users. */
export class AccessKeys {
    private readonly byId = new Map<string, AccessKey>();

    constructor(private readonly random: Random) {}

    /** @throws AwsError LimitExceeded */
    create(principal: Principal): KeyPair {
        if (this.countOf(principal.arn) >= ACCESS_KEYS_PER_USER_MAX) {
            const message = `Cannot exceed quota for AccessKeysPerUser: ${ACCESS_KEYS_PER_USER_MAX}`;
            throw new AwsError("LimitExceeded", message, 409);
        }
        const pair = newKeyPair("AKIA", this.random);
        this.byId.set(pair.accessKeyId, { ...pair, principal, active: true });
        return pair;
    }

    /** @throws AwsError NoSuchEntity */
    setActive(accessKeyId: string, active: boolean): void {
        this.get(accessKeyId).active = active;
    }

    /** @throws AwsError NoSuchEntity */
    delete(accessKeyId: string): void {
        this.get(accessKeyId);
        this.byId.delete(accessKeyId);
    }

    find(accessKeyId: string): AccessKey | undefined {
        return this.byId.get(accessKeyId);
    }

    countOf(principalArn: string): number {
        return Array.from(this.byId.values()).filter(({ principal }) => principal.arn === principalArn).length;
    }

    private get(accessKeyId: string): AccessKey {
        const key = this.byId.get(accessKeyId);
        if (!key) {
            throw noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);
        }
        return key;
    }
}
