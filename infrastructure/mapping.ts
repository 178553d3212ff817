import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

const METRICS: aws.lambda.EventSourceMappingArgs["metricsConfig"] = { metrics: ["EventCount"] };
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

/**
 * What `onEvent` has no argument for: the mapping counts its events in CloudWatch, and, as AWS refuses a second mapping between
 * one stream and one function, one that has to be replaced is deleted first. The new one starts at the beginning of the stream,
 * and writes the items of the posts that are still there once more.
 */
export const countedMapping: pulumi.ResourceTransformation = ({ type, props, opts }) =>
    type === MAPPING
        ? {
              props: { ...(props as object), metricsConfig: METRICS },
              opts: { ...opts, deleteBeforeReplace: true },
          }
        : undefined;
