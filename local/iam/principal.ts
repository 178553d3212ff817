/** Who makes a request, and what the policies attached to it say. */
export interface Principal {
    /** `arn:aws:iam::000000000000:user/NAME`, or `arn:aws:sts::000000000000:assumed-role/ROLE/SESSION`. */
    readonly arn: string;
    /** The identity-based policies in force now; `"administrator"` is allowed everything. */
    readonly policies: () => readonly PolicyDocument[] | "administrator";
    /** What GetCallerIdentity reports: `AIDA…` for a user, `AROA…:SESSION` for a role's session. */
    readonly userId?: string;
}

export interface PolicyDocument {
    readonly Version: string;
    readonly Statement: readonly unknown[];
}
