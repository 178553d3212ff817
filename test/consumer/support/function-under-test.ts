import { Archive, serializeArchive } from "./archive";
import type { RunningArchive } from "./archive";
import { Cloud, TABLE } from "./cloud";
import type { Behaviour } from "./fault-proxy";

/** What a suite needs to run the archive against its services; there from `before` to `after`. */
export class FunctionUnderTest {
    text!: string;
    archive!: Archive;
    cloud!: Cloud;
    lambda!: RunningArchive;

    /** For a suite: starts the services and one process of the function, in which all its tests run one after the other. */
    static inSuite(): FunctionUnderTest {
        const underTest = new FunctionUnderTest();
        before(() => underTest.#start());
        afterEach(() => {
            underTest.cloud.dynamoDb.reset();
            underTest.cloud.s3.reset();
        });
        after(() => underTest.#stop());
        return underTest;
    }

    async #start(): Promise<void> {
        this.cloud = await Cloud.start();
        this.text = await serializeArchive();
        this.archive = await Archive.unpack(this.text);
        this.lambda = this.archive.start(this.cloud.environment());
    }

    async #stop(): Promise<void> {
        await this.archive.remove();
        await this.cloud.close();
    }
}

interface BatchWrite {
    RequestItems: Record<string, { PutRequest: { Item: Record<string, { S: string }> } }[]>;
}

/** What a BatchWriteItem request puts into the table, in the form that DynamoDB speaks. */
export function putsOf(body: Buffer) {
    return (JSON.parse(body.toString()) as BatchWrite).RequestItems[TABLE] ?? [];
}

/** Applies a behaviour to the first `count` requests. */
export function first(count: number, behaviour: Behaviour): Behaviour {
    let requests = 0;
    return (request, forward) => (requests++ < count ? behaviour(request, forward) : forward());
}

/** Applies one behaviour after the other. */
export function following(behaviours: Iterator<Behaviour>): Behaviour {
    return (request, forward) => {
        const next = behaviours.next();
        return next.done === true ? forward() : next.value(request, forward);
    };
}
