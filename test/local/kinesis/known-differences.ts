/** An emulator that is not ours, and where it is not like AWS. */
export interface Emulator {
    /** Whether it limits reads, so that the suite has to wait between them. */
    readonly throttles: boolean;
    /** Why its error messages are not compared, only the names of the errors. */
    readonly ownWording?: string;
    /** By the title of the suite and that of the case in operations/: what the emulator does, and who says that AWS does not. */
    readonly differences: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/*
 * Who says so: `API_…` is a page of https://docs.aws.amazon.com/kinesis/latest/APIReference/, kinesalite the tests of
 * https://github.com/mhart/kinesalite, which also ran against AWS, moto those of https://github.com/getmoto/moto, and
 * moto#5249 an answer of AWS that is quoted there.
 */
const asInvalidArgument = "says InvalidArgumentException where a constraint of the API is broken; AWS: moto#5249";
const keyShort = "divides 2^128 - 1 keys, so that ranges start too early; AWS: kinesalite and moto divide 2^128";
const notUniform =
    "splits or merges one shard after the other until the count is right; AWS: shards of equal size, API_UpdateShardCount";
const anyKey = "takes any key; AWS: API_StartStreamEncryption";
const serverError = "answers with status 500 and no body; AWS: InvalidArgumentException, API_GetRecords";

/** kinesis-local 0.6.2, https://github.com/etspaceman/kinesis-mock */
const kinesisLocal: Emulator = {
    throttles: false,
    ownWording: "its sentences are its own; AWS promises the names of errors only, kinesalite has the sentences",
    differences: {
        "the life of a stream": {
            "begins with CREATING, and takes no records then":
                "says ResourceInUseException; AWS: ResourceNotFoundException, kinesalite, actions/putRecord.js",
            "has no shards to list while it is CREATING":
                "lists the shards that it is to have; AWS: kinesalite, test/describeStream.js, and API_ListShards",
            "is neither tagged nor deleted while it is UPDATING, nor tagged while it is DELETING":
                "tags it; AWS: the resource must be in the ACTIVE state, API_AddTagsToStream",
            "is UPDATING after IncreaseStreamRetentionPeriod: takes and gives records, and no other change":
                "stays ACTIVE; AWS: the resource must be in the ACTIVE state for the next change, API_IncreaseStreamRetentionPeriod",
        },
        "errors of PutRecord and PutRecords": {
            "PutRecords with a 501st record: ValidationException":
                "takes any number of records; AWS: 500, API_PutRecords",
            "PutRecords without records: ValidationException": "takes none; AWS: at least 1, API_PutRecords",
            "PutRecords with an empty partition key in the second record: ValidationException": asInvalidArgument,
            "PutRecords with a partition key of 257 characters: ValidationException": asInvalidArgument,
            "PutRecords with a record of 1 MiB and one byte, its key included: InvalidArgumentException":
                "counts the data without the partition key; AWS: API_PutRecords",
            "PutRecords of more than 10 MiB: InvalidArgumentException":
                "has no limit for the request; AWS: 10 MiB, API_PutRecords",
            "PutRecords with more problems than AWS lists: ValidationException": asInvalidArgument,
            "PutRecord with a stream name that no stream can have: ValidationException": asInvalidArgument,
            "PutRecord with an explicit hash key that is no number: ValidationException": asInvalidArgument,
        },
        "errors of operations on streams": {
            "StartStreamEncryption with an alias that is not there: KMSNotFoundException": anyKey,
            "StartStreamEncryption with a key that is not there: KMSNotFoundException": anyKey,
            "CreateStream with a name of 129 characters and without shards: ValidationException": asInvalidArgument,
            "ListShards with a filter that is not known: ValidationException":
                "says SerializationException; AWS: API_ListShards, Valid Values",
            "StreamARN and StreamName of different streams: InvalidArgumentException":
                "ignores the name beside an ARN; AWS: either or both of one stream, API_DescribeStream",
            "a StreamARN that is none: ValidationException":
                "answers with status 500 and no body; AWS: API_DescribeStream",
        },
        "errors of GetShardIterator and GetRecords": {
            "GetShardIterator TRIM_HORIZON with a number: InvalidArgumentException":
                "ignores the number; AWS: kinesalite, test/getShardIterator.js",
            "GetShardIterator AT_TIMESTAMP in the future: InvalidArgumentException":
                "accepts it while the shard is empty; AWS: kinesalite, actions/getShardIterator.js",
            "GetRecords with a text that is no iterator: InvalidArgumentException": serverError,
            "GetRecords of 10,001 records: ValidationException":
                "reads the iterator first, and answers with status 500; AWS: at most 10,000, API_GetRecords",
        },
        "errors of SplitShard, MergeShards and UpdateShardCount": {
            "SplitShard at the second key of the shard: InvalidArgumentException":
                "accepts it; AWS: kinesalite, test/splitShard.js",
            "SplitShard at the last key of the shard: InvalidArgumentException":
                "accepts it; AWS: kinesalite, test/splitShard.js",
            "UpdateShardCount to more than twice the shards: LimitExceededException":
                "says InvalidArgumentException; AWS: kinesalite, test/updateShardCount.js",
            "UpdateShardCount to less than half the shards: LimitExceededException":
                "rounds the half down: 3 to 1 is accepted; AWS: API_UpdateShardCount",
        },
        "errors of tags": {
            "AddTagsToStream without tags: ValidationException": "accepts it; AWS: at least 1, API_AddTagsToStream",
        },
        "GetRecords and GetShardIterator": {
            "takes the number of a shard for its ID": "wants the ID in full; AWS: kinesalite, test/getShardIterator.js",
            "does not take a number of another shard or another stream":
                "takes any number while the shard is empty; AWS: kinesalite, test/getShardIterator.js",
            "reads page by page, and says how far behind a page is":
                "says 0 ms behind with a record left that arrived with the last one; AWS: 0 is caught up, API_GetRecords",
            "does not take an iterator of one stream for another's ARN":
                "reads the stream of the ARN; AWS: API_GetRecords",
            "ends at the end of a closed shard, and names the shards that follow":
                "ends every shard at 9223372036854775807 and does not find that number; AWS: API_SequenceNumberRange",
        },
        ListShards: {
            "tells streams of one name apart by their creation": "ignores the time; AWS: API_ListShards",
        },
        "PutRecords and PutRecord": {
            "leaves nothing of a request behind that has one record which no stream takes":
                "stores the other records; AWS: only throttling and internal failures are per record, API_PutRecords",
        },
        "SplitShard, MergeShards and UpdateShardCount": {
            "a shard that was split is not eligible again":
                "says ResourceInUseException, which is for streams that are not ACTIVE; AWS: moto, test_split_shard",
            "UpdateShardCount from 4 to 8 leaves shards of one size, none with a third parent": keyShort,
            "UpdateShardCount from 4 to 2 leaves shards of one size, none with a third parent": keyShort,
            "UpdateShardCount from 4 to 4 leaves shards of one size, none with a third parent": keyShort,
            "UpdateShardCount from 5 to 3 leaves shards of one size, none with a third parent": notUniform,
            "UpdateShardCount from 3 to 5 leaves shards of one size, none with a third parent": notUniform,
            "an on-demand stream is not to be resharded": "accepts it; AWS: ValidationException, API_UpdateShardCount",
        },
        "streams: create, describe, list, change, delete": {
            "describes a provisioned stream": keyShort,
            "summarizes an on-demand stream, by ARN, with its encryption":
                "leaves MaxRecordSizeInKiB out unless it was set; AWS: API_StreamDescriptionSummary",
            "wants a shard count for a provisioned stream, and none for an on-demand one":
                "makes 4 shards of no count, and ignores one for on-demand; AWS: API_CreateStream",
            "lists streams in the order of their names, page by page":
                "leaves StreamSummaries out; AWS: API_ListStreams",
        },
    },
};

export const emulators: ReadonlyMap<string, Emulator> = new Map([["kinesis-local", kinesisLocal]]);
