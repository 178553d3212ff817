import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import {
    CopyObjectCommand,
    DeleteObjectCommand,
    GetObjectCommand,
    S3Client,
    paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { Failure } from "../commandline/failure";
import { INTERRUPTED } from "../commandline/interrupt";
import { printable } from "../commandline/text";
import type { ShardReader } from "./reread";

/** Where objects go whose records the stream has accepted: out of the folders that a replay reads. */
const REPLAYED_FOLDER = "replayed/";
const CONNECTION_MS_MAX = 5_000;
const REQUEST_MS_MAX = 60_000;
/** With the SDK's backoff between them: what passes within a minute or so is not told. */
const ATTEMPTS_MAX = 8;
/** Kinesis: GetRecords takes at most 10,000; fewer keep an answer well below its 10 MB. */
const READ_RECORDS_MAX = 1_000;
const REASON_CHARACTERS_MAX = 300;

export interface Target {
    readonly streamName: string;
    readonly bucketName: string;
    readonly region: string;
    /** Without, those that the AWS SDK finds by itself: environment, profile, role. */
    readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface ListedObject {
    readonly key: string;
    readonly bytes: number;
    /** When it was written, milliseconds since 1970. */
    readonly writtenMs: number;
}

/** The failed-events bucket. All methods throw a Failure that says what to check, when a request has failed for good. */
export interface Bucket {
    readonly list: (prefix: string) => AsyncIterable<ListedObject>;
    /** Undefined when there is no such object. */
    readonly read: (key: string) => Promise<Uint8Array | undefined>;
    /**
     * Moves the object to `replayed/<key>`. Cut off between copy and deletion, it is in both places, and can be moved again. One
     * that is not there was moved by another replay, or deleted.
     */
    readonly markReplayed: (key: string) => Promise<void>;
}

export interface Clients {
    readonly bucket: Bucket;
    readonly shards: ShardReader;
    readonly close: () => void;
}

/**
 * What a replay needs of S3 and Kinesis beside PutRecords. The rights: s3:ListBucket on the bucket, s3:GetObject and
 * s3:DeleteObject on `quarantine/*` and `aws/lambda/*`, s3:PutObject on `replayed/*`, and for batches that are read from the
 * stream again kinesis:GetShardIterator and kinesis:GetRecords. Aborting `signal` ends what is under way.
 */
export function openClients(target: Target, signal: AbortSignal): Clients {
    const shared = {
        region: target.region,
        ...(target.credentials && { credentials: target.credentials }),
        maxAttempts: ATTEMPTS_MAX,
        requestHandler: new NodeHttpHandler({
            connectionTimeout: CONNECTION_MS_MAX,
            requestTimeout: REQUEST_MS_MAX,
            throwOnRequestTimeout: true,
            socketTimeout: REQUEST_MS_MAX,
        }),
    };
    // AWS takes both styles; an endpoint that is not a host name of AWS has no name for each bucket.
    const s3 = new S3Client({ ...shared, forcePathStyle: true });
    const kinesis = new KinesisClient(shared);
    const { bucketName } = target;
    const told = async <T>(doing: string, request: Promise<T>): Promise<T> => {
        try {
            return await request;
        } catch (error) {
            throw explain(error, doing, target);
        }
    };

    return {
        bucket: {
            list: (prefix) => listed(s3, target, prefix, signal),
            read: (key) =>
                told(`reading ${key}`, readObject(s3, new GetObjectCommand({ Bucket: bucketName, Key: key }), signal)),
            markReplayed: async (key) => {
                const copy = new CopyObjectCommand({
                    Bucket: bucketName,
                    Key: REPLAYED_FOLDER + key,
                    CopySource: `${bucketName}/${key.split("/").map(encodeURIComponent).join("/")}`,
                });
                const deletion = new DeleteObjectCommand({ Bucket: bucketName, Key: key });
                const doing = `copying ${key} to ${REPLAYED_FOLDER}`;
                const copied = await told(doing, unlessMissing(s3.send(copy, { abortSignal: signal })));
                if (copied === undefined) return;
                // S3 answers with status 200 before it has copied, and can tell an error after that; the SDK knows most of them.
                if (copied.CopyObjectResult?.ETag === undefined)
                    throw new Failure(`S3 did not say that it has (${doing})`);
                await told(`deleting ${key}`, s3.send(deletion, { abortSignal: signal }));
            },
        },
        shards: {
            startAt: (shardId, sequenceNumber) =>
                told(`reading ${shardId}`, startAt(kinesis, target.streamName, shardId, sequenceNumber, signal)),
            read: (iterator) => told("reading the stream", readShard(kinesis, iterator, signal)),
        },
        close: () => {
            s3.destroy();
            kinesis.destroy();
        },
    };
}

async function* listed(
    client: S3Client,
    target: Target,
    Prefix: string,
    abortSignal: AbortSignal,
): AsyncGenerator<ListedObject, void, undefined> {
    const pages = paginateListObjectsV2({ client }, { Bucket: target.bucketName, Prefix }, { abortSignal });
    try {
        for await (const { Contents = [] } of pages) {
            for (const { Key = "", Size = 0, LastModified } of Contents) {
                yield { key: Key, bytes: Size, writtenMs: LastModified?.getTime() ?? 0 };
            }
        }
    } catch (error) {
        throw explain(error, `listing ${Prefix}`, target);
    }
}

async function readObject(
    client: S3Client,
    command: GetObjectCommand,
    abortSignal: AbortSignal,
): Promise<Uint8Array | undefined> {
    const answer = await unlessMissing(client.send(command, { abortSignal }));
    return answer && ((await answer.Body?.transformToByteArray()) ?? new Uint8Array());
}

/** Undefined when there is no object of this name. */
async function unlessMissing<T>(request: Promise<T>): Promise<T | undefined> {
    try {
        return await request;
    } catch (error) {
        if ((error as Error).name === "NoSuchKey") return undefined;
        throw error;
    }
}

async function startAt(
    client: KinesisClient,
    StreamName: string,
    ShardId: string,
    StartingSequenceNumber: string,
    abortSignal: AbortSignal,
): Promise<string | undefined> {
    const position = { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber } as const;
    try {
        const command = new GetShardIteratorCommand({ StreamName, ShardId, ...position });
        return (await client.send(command, { abortSignal })).ShardIterator;
    } catch (error) {
        // Of a shard that was split or merged, nothing is left once its last record is too old.
        if ((error as Error).name === "ResourceNotFoundException" && (error as Error).message.includes(ShardId)) {
            return undefined;
        }
        throw error;
    }
}

async function readShard(client: KinesisClient, ShardIterator: string, abortSignal: AbortSignal) {
    const command = new GetRecordsCommand({ ShardIterator, Limit: READ_RECORDS_MAX });
    const { Records = [], NextShardIterator, MillisBehindLatest } = await client.send(command, { abortSignal });
    const records = Records.map(({ SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp }) => ({
        sequenceNumber: SequenceNumber ?? "",
        partitionKey: PartitionKey ?? "",
        data: Data ?? new Uint8Array(),
        arrivalMs: ApproximateArrivalTimestamp?.getTime() ?? 0,
    }));
    // A shard that takes records has no end: where nothing is behind, the rest of a batch will not come.
    return { records, next: MillisBehindLatest === 0 && records.length === 0 ? undefined : NextShardIterator };
}

/** Names that say that the key pair is at fault, or its rights. */
const CREDENTIALS_REFUSED = /InvalidAccessKeyId|SignatureDoesNotMatch|UnrecognizedClient|InvalidSignature|ExpiredToken/;
const DENIED = /AccessDenied|Forbidden/;

/** An error of the SDK or the network as one sentence; anything else is handed back as it is. */
function explain(error: unknown, doing: string, { bucketName, credentials }: Target): unknown {
    if (!(error instanceof Error)) return error;
    const { name, message, $metadata, code } = error as Error & { $metadata?: unknown; code?: unknown };
    if (name === "AbortError") return new Failure("Aborted.", INTERRUPTED);
    if ($metadata === undefined && typeof code !== "string" && !name.endsWith("Error")) return error;
    if (error instanceof TypeError || error instanceof Failure) return error;
    const kind = typeof code === "string" ? code : name;
    let said = message === "" || message.includes(kind) ? message || kind : `${kind}: ${message}`;
    for (const secret of Object.values(credentials ?? {})) said = said.replaceAll(secret, "[secret]");
    const advice = adviceFor(name, bucketName, credentials !== undefined);
    return new Failure(`${advice} (${doing}: ${printable(said, REASON_CHARACTERS_MAX)})`);
}

function adviceFor(name: string, bucketName: string, isStackKey: boolean): string {
    if (CREDENTIALS_REFUSED.test(name)) {
        return isStackKey
            ? "The credentials were refused: check `replayAccessKeyId` and `replaySecretAccessKey` in the outputs of the stack"
            : "The credentials were refused: check them with `aws sts get-caller-identity`";
    }
    if (name === "CredentialsProviderError") return "There are no AWS credentials to work with";
    if (DENIED.test(name)) return "The credentials do not allow it: check the policy of their user";
    if (name === "NoSuchBucket") {
        return `There is no bucket \`${bucketName}\`: check \`failedEventsBucket\` in the outputs of the stack`;
    }
    return "A request failed for good";
}
