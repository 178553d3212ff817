import { invalidArgument } from "../errors";
import { LIST_MAX, LIST_STREAMS_DEFAULT } from "../limits";
import { integer, string } from "../members";
import { decodeToken, encodeToken } from "../token";
import { noStream, streamNameMember, type Operation } from "./operation";

interface NextPage {
    readonly kind: "streams";
    readonly after: string;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html */
export const listStreams: Operation<"ListStreams"> = {
    members: {
        Limit: integer({ min: 1, max: LIST_MAX }),
        ExclusiveStartStreamName: streamNameMember,
        NextToken: string({ minLength: 1, maxLength: 1_048_576 }),
    },
    streamName: noStream,
    run(input, { streams }) {
        const after = input.NextToken === undefined ? input.ExclusiveStartStreamName : readToken(input.NextToken);
        const remaining = streams.all().filter((stream) => after === undefined || stream.name > after);
        const shown = remaining.slice(0, input.Limit ?? LIST_STREAMS_DEFAULT);
        const more = shown.length < remaining.length;
        const next: NextPage = { kind: "streams", after: shown.at(-1)?.name ?? "" };
        return {
            StreamNames: shown.map((stream) => stream.name),
            HasMoreStreams: more,
            StreamSummaries: shown.map((stream) => ({
                StreamName: stream.name,
                StreamARN: stream.arn,
                StreamStatus: stream.status,
                StreamModeDetails: { StreamMode: stream.mode },
                StreamCreationTimestamp: stream.createdAt / 1000,
            })),
            ...(more && { NextToken: encodeToken(next) }),
        };
    },
};

function readToken(token: string): string {
    const content = decodeToken(token) as Partial<NextPage> | undefined;
    if (content?.kind !== "streams" || content.after === undefined) throw invalidArgument("Invalid NextToken.");
    return content.after;
}
