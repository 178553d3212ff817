import type { Inputs } from "../inputs";
import { resourceType } from "../resource-type";

export const table = resourceType({
    read: (inputs, names) => ({
        name: inputs.optionalString("name") ?? names.automatic(),
        attributes: inputs.objects("attributes").map((attribute) => ({
            AttributeName: attribute.string("name"),
            // CreateTable checks it, as well as that it is given.
            AttributeType: attribute.string("type"),
        })),
        keySchema: readKeySchema(inputs),
        ...readBilling(inputs),
        deletionProtection: inputs.optionalBoolean("deletionProtectionEnabled") ?? false,
        pointInTimeRecovery: inputs.optionalObject("pointInTimeRecovery")?.optionalBoolean("enabled") ?? false,
        timeToLive: readTimeToLive(inputs.optionalObject("ttl")),
        // With the key that AWS owns, or with the account's own: either way a client sees the same.
        encryption: inputs.optionalObject("serverSideEncryption")?.optionalBoolean("enabled") ?? false,
        tags: inputs.stringMap("tags"),
    }),
    async create(settings, { dynamodb }) {
        const { name, attributes, keySchema, billingMode, throughput, tags } = settings;
        const tagList = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        await dynamodb.call("CreateTable", {
            TableName: name,
            AttributeDefinitions: attributes,
            KeySchema: keySchema,
            BillingMode: billingMode,
            ...(billingMode === "PROVISIONED" ? { ProvisionedThroughput: throughput } : {}),
            ...(settings.deletionProtection ? { DeletionProtectionEnabled: true } : {}),
            ...(settings.encryption ? { SSESpecification: { Enabled: true } } : {}),
            ...(tagList.length === 0 ? {} : { Tags: tagList }),
        });
        if (settings.pointInTimeRecovery) {
            await dynamodb.call("UpdateContinuousBackups", {
                TableName: name,
                PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            });
        }
        if (settings.timeToLive !== undefined) {
            await dynamodb.call("UpdateTimeToLive", {
                TableName: name,
                TimeToLiveSpecification: { AttributeName: settings.timeToLive, Enabled: true },
            });
        }
        const { Table } = await dynamodb.call("DescribeTable", { TableName: name });
        return { id: name, outputs: { name, arn: (Table as { TableArn: string }).TableArn, streamEnabled: false } };
    },
});

function readKeySchema(inputs: Inputs): { AttributeName: string; KeyType: "HASH" | "RANGE" }[] {
    const rangeKey = inputs.optionalString("rangeKey");
    return [
        { AttributeName: inputs.string("hashKey"), KeyType: "HASH" as const },
        ...(rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: "RANGE" as const }]),
    ];
}

/** The attribute whose time deletes an item; undefined where time to live is off. */
function readTimeToLive(ttl: Inputs | undefined): string | undefined {
    const attributeName = ttl?.optionalString("attributeName");
    return ttl?.optionalBoolean("enabled") === true ? attributeName : undefined;
}

/** The provider's default is provisioned, which wants both capacities. */
function readBilling(inputs: Inputs) {
    const billingMode = inputs.only("billingMode", "PAY_PER_REQUEST", "PROVISIONED") ?? "PROVISIONED";
    return billingMode === "PAY_PER_REQUEST"
        ? { billingMode, throughput: undefined }
        : {
              billingMode,
              throughput: {
                  ReadCapacityUnits: inputs.number("readCapacity"),
                  WriteCapacityUnits: inputs.number("writeCapacity"),
              },
          };
}
