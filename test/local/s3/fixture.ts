import { S3, type S3ClientConfig } from "@aws-sdk/client-s3";
import { S3Service } from "../../../local/s3/service";
import { startTestCloud, type TestCloud } from "../front-door/cloud";

/** The bucket that there is at the beginning of each test. */
export const Bucket = "dev-failed-events";
export const BUCKET_ARN = `arn:aws:s3:::${Bucket}`;

export interface S3UnderTest {
    readonly service: S3Service;
    readonly cloud: TestCloud;
    /** A client of the AWS SDK, the administrator's unless given another's settings. */
    client(settings?: TestCloud["administrator"], more?: S3ClientConfig): S3;
}

/** S3 behind a front door, new for each test of the `describe` in which it is called. */
export function useS3(): S3UnderTest {
    let service: S3Service;
    let cloud: TestCloud;
    let clients: S3[];

    beforeEach(async () => {
        service = new S3Service({ region: "us-east-1" });
        cloud = await startTestCloud({ services: [service] });
        clients = [];
        await service.createBucket(Bucket);
    });

    afterEach(async () => {
        clients.forEach((client) => client.destroy());
        await cloud.frontDoor.close();
        await service.close();
    });

    return {
        get service() {
            return service;
        },
        get cloud() {
            return cloud;
        },
        client(settings = cloud.administrator, more = {}) {
            const made = new S3({ ...settings, forcePathStyle: true, ...more });
            clients.push(made);
            return made;
        },
    };
}

export async function textOf(s3: S3, Key: string): Promise<string | undefined> {
    return (await s3.getObject({ Bucket, Key })).Body?.transformToString();
}
