import { AwsError } from "../aws-error";
import { parsePolicy } from "./policy-document";
import type { PolicyDocument } from "./principal";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const ATTACHED_POLICIES_MAX = 10;

/** A managed policy as it is now: what is attached is the policy, not a copy of its content. */
export interface ManagedPolicy {
    readonly arn: string;
    document: PolicyDocument;
    /** How many users and roles it is attached to. */
    attachments: number;
}

/** What users and roles have in common: inline policies by name, and attached managed policies. */
export class PolicyHolder {
    private readonly inline = new Map<string, { document: PolicyDocument; charactersUsed: number }>();
    private readonly attached = new Map<string, ManagedPolicy>();

    /**
     * @param owner such as `user producer`, for messages
     * @param charactersMax AWS's limit of all inline policies together, white space not counted
     */
    constructor(
        private readonly owner: string,
        private readonly charactersMax: number,
    ) {}

    /** @throws AwsError MalformedPolicyDocument, LimitExceeded */
    put(policyName: string, source: unknown): void {
        const document = parsePolicy(source, "identity");
        const charactersUsed = (typeof source === "string" ? source : JSON.stringify(source)).replace(/\s/g, "").length;
        let total = charactersUsed;
        for (const [name, other] of this.inline) {
            total += name === policyName ? 0 : other.charactersUsed;
        }
        if (total > this.charactersMax) {
            const message = `Maximum policy size of ${this.charactersMax} bytes exceeded for ${this.owner}`;
            throw new AwsError("LimitExceeded", message, 409);
        }
        this.inline.set(policyName, { document, charactersUsed });
    }

    /** @throws AwsError NoSuchEntity */
    delete(policyName: string): void {
        if (!this.inline.delete(policyName)) {
            throw noSuchEntity(`The ${this.owner} policy with name ${policyName} cannot be found.`);
        }
    }

    /** @throws AwsError LimitExceeded */
    attach(policy: ManagedPolicy): void {
        if (this.attached.has(policy.arn)) {
            return;
        }
        if (this.attached.size >= ATTACHED_POLICIES_MAX) {
            const message = `Cannot exceed quota for PoliciesPerPrincipal: ${ATTACHED_POLICIES_MAX}`;
            throw new AwsError("LimitExceeded", message, 409);
        }
        this.attached.set(policy.arn, policy);
        policy.attachments++;
    }

    /** @throws AwsError NoSuchEntity */
    detach(policyArn: string): void {
        const policy = this.attached.get(policyArn);
        if (!policy) {
            throw noSuchEntity(`Policy ${policyArn} was not found.`);
        }
        this.attached.delete(policyArn);
        policy.attachments--;
    }

    documents(): PolicyDocument[] {
        return [
            ...Array.from(this.inline.values(), ({ document }) => document),
            ...Array.from(this.attached.values(), ({ document }) => document),
        ];
    }

    /** As AWS does: what still has policies is not deleted. */
    checkDeletable(): void {
        if (this.inline.size > 0) {
            throw new AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
        }
        if (this.attached.size > 0) {
            throw new AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
        }
    }
}

export function noSuchEntity(message: string): AwsError {
    return new AwsError("NoSuchEntity", message, 404);
}
