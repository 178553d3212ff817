import { type FrontDoor, type FrontDoorOptions, startFrontDoor } from "../../../local/front-door/server";
import { Identities, type KeyPair } from "../../../local/iam/identities";

export const REGION = "us-east-1";

/** What an SDK's client is made with. */
export interface ClientSettings {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: KeyPair;
    readonly maxAttempts: number;
}

export interface TestCloud {
    readonly frontDoor: FrontDoor;
    readonly identities: Identities;
    /** A client of the administrator that does not retry. */
    readonly administrator: ClientSettings;
    /** A client of a user with one policy. */
    clientOf(userName: string, policy: object): ClientSettings;
}

/** A front door on a free port, with users of its own. Failures of ours fail the test that caused them. */
export async function startTestCloud(
    options: Partial<FrontDoorOptions> & Pick<FrontDoorOptions, "services">,
): Promise<TestCloud> {
    const identities = new Identities();
    const frontDoor = await startFrontDoor({ port: 0, identities, region: REGION, ...options });
    const settings = (credentials: KeyPair): ClientSettings => ({
        endpoint: frontDoor.endpointUrl,
        region: REGION,
        credentials,
        maxAttempts: 1,
    });
    return {
        frontDoor,
        identities,
        administrator: settings(identities.createAdministratorKey()),
        clientOf: (userName, policy) => {
            identities.createUser(userName);
            identities.putUserPolicy(userName, "inline", policy);
            return settings(identities.createAccessKey(userName));
        },
    };
}

/** A policy with one statement that allows. */
export function allow(action: string | string[], resource: string | string[], more: object = {}): object {
    return {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: action, Resource: resource, ...more }],
    };
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
    try {
        await promise;
    } catch (error) {
        return error as Error & Record<string, unknown>;
    }
    throw new Error("Expected a rejection");
}
