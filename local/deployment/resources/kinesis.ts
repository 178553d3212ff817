import { resourceType } from "../resource-type";

const HOURS_DEFAULT = 24;

export const stream = resourceType({
    read: (inputs, names) => ({
        name: inputs.optionalString("name") ?? names.automatic(),
        // The default of the provider.
        mode:
            inputs.optionalObject("streamModeDetails")?.only("streamMode", "ON_DEMAND", "PROVISIONED") ?? "PROVISIONED",
        shardCount: inputs.optionalNumber("shardCount"),
        retentionHours: inputs.optionalNumber("retentionPeriod") ?? HOURS_DEFAULT,
        encryptionType: inputs.only("encryptionType", "NONE", "KMS") ?? "NONE",
        // Keys are not modelled: the key that every account has is the one that any program may use.
        keyId: inputs.only("kmsKeyId", "alias/aws/kinesis"),
        tags: inputs.stringMap("tags"),
        ...inputs.withoutEffect("enforceConsumerDeletion"),
    }),
    async create({ name, mode, shardCount, retentionHours, encryptionType, keyId, tags }, { kinesis }) {
        await kinesis.call("CreateStream", {
            StreamName: name,
            StreamModeDetails: { StreamMode: mode },
            ...(shardCount === undefined ? {} : { ShardCount: shardCount }),
            ...(Object.keys(tags).length === 0 ? {} : { Tags: tags }),
        });
        if (retentionHours !== HOURS_DEFAULT) {
            await kinesis.call("IncreaseStreamRetentionPeriod", {
                StreamName: name,
                RetentionPeriodHours: retentionHours,
            });
        }
        if (encryptionType === "KMS") {
            if (keyId === undefined) throw new Error('expected "kmsKeyId" to be given with the encryption type KMS');
            await kinesis.call("StartStreamEncryption", { StreamName: name, EncryptionType: "KMS", KeyId: keyId });
        }
        const { StreamDescriptionSummary: summary } = await kinesis.call("DescribeStreamSummary", { StreamName: name });
        const arn = summary.StreamARN;
        return { id: arn, outputs: { name, arn, shardCount: mode === "ON_DEMAND" ? 0 : summary.OpenShardCount } };
    },
});
