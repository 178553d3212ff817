import type { Principal } from "./iam/identities";

/** A request whose signature is checked: what the front door hands to a service. */
export interface ServiceRequest {
    readonly method: string;
    /** The path with its query, as sent. */
    readonly url: string;
    /** Names in lower case; repeated headers joined with a comma. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
    /** The operation of a JSON protocol: `PutRecords` of `X-Amz-Target: Kinesis_20131202.PutRecords`; "" elsewhere. */
    readonly operation: string;
    readonly principal: Principal;
    readonly requestId: string;
}

export interface ServiceResponse {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer | string;
}

/** What a request needs to be allowed: an IAM action (`kinesis:PutRecords`) on the ARN of a resource. */
export interface Authorization {
    readonly action: string;
    readonly resource: string;
}

/** One AWS service behind the front door. Errors that a client should see are thrown as AwsError. */
export interface Service {
    /** The name in the credential scope of a SigV4 signature: `kinesis`, `dynamodb`, `s3`. */
    readonly name: string;
    /** How the errors of its protocol are written. */
    readonly protocol: "json" | "rest-xml" | "query";
    /** Everything that the policies must allow before the request is handled; empty for what needs no permission. */
    authorizations(request: ServiceRequest): Authorization[];
    handle(request: ServiceRequest): Promise<ServiceResponse>;
}
