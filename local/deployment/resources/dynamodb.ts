import type { Inputs } from "../inputs";
import { resourceType } from "../resource-type";

export const table = resourceType({
    read: (inputs, names) => ({
        name: inputs.optionalString("name") ?? names.automatic(),
        attributes: inputs.objects("attributes").map((attribute) => ({
            AttributeName: attribute.string("name"),
            AttributeType: attribute.only("type", "S", "N", "B") ?? "S",
        })),
        keySchema: readKeySchema(inputs),
        ...readBilling(inputs),
        tags: inputs.stringMap("tags"),
    }),
    async create({ name, attributes, keySchema, billingMode, throughput, tags }, { dynamodb }) {
        const tagList = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        await dynamodb.call("CreateTable", {
            TableName: name,
            AttributeDefinitions: attributes,
            KeySchema: keySchema,
            BillingMode: billingMode,
            ...(billingMode === "PROVISIONED" ? { ProvisionedThroughput: throughput } : {}),
            ...(tagList.length === 0 ? {} : { Tags: tagList }),
        });
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
