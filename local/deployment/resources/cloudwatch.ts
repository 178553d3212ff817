import { ACCOUNT_ID, PARTITION } from "../../account";
import { resourceType } from "../resource-type";

/** The logs of functions are kept by the embedded Lambda, as long as it runs: no retention ends before that. */
export const logGroup = resourceType({
    recordedOnly: true,
    read: (inputs, names) => ({
        name: inputs.optionalString("name") ?? names.automatic(),
        ...inputs.withoutEffect("retentionInDays", "tags"),
    }),
    async create({ name }, cloud) {
        return {
            id: name,
            outputs: { name, arn: `arn:${PARTITION}:logs:${cloud.region}:${ACCOUNT_ID}:log-group:${name}` },
        };
    },
});
