import { ACCOUNT_ID } from "../account";
import { AwsError } from "../aws-error";
import type { Authorization, Service, ServiceRequest, ServiceResponse } from "../service";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/**
 * The Security Token Service, as far as it says who one is: what SDKs and tools ask first to see if a key works.
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export class StsService implements Service {
    readonly name = "sts";
    readonly protocol = "query";

    /** GetCallerIdentity needs no permission, and cannot be denied. */
    authorizations(): Authorization[] {
        return [];
    }

    async handle(request: ServiceRequest): Promise<ServiceResponse> {
        const action = new URLSearchParams(request.body.toString("utf8")).get("Action");
        if (action !== "GetCallerIdentity") {
            throw new AwsError(
                "InvalidAction",
                `Could not find operation ${action ?? "(none)"} for version 2011-06-15`,
            );
        }
        const { arn, userId = ACCOUNT_ID } = request.principal;
        const body =
            `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult>` +
            `<Arn>${arn}</Arn><UserId>${userId}</UserId><Account>${ACCOUNT_ID}</Account></GetCallerIdentityResult>` +
            `<ResponseMetadata><RequestId>${request.requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
        return { status: 200, headers: { "content-type": "text/xml" }, body };
    }
}
