import { ACCOUNT_ID, PARTITION } from "../../account";
import { resourceType } from "../resource-type";

/**
 * A log group is where the log of the function of that name is kept; on one machine it is as long as the process, so the
 * retention has nothing to end.
 */
export const logGroup = resourceType({
    read: (inputs, names) => ({
        name: inputs.optionalString("name") ?? names.automatic(),
        retentionInDays: inputs.optionalNumber("retentionInDays"),
        tags: inputs.stringMap("tags"),
    }),
    async create({ name }, cloud) {
        cloud.logGroups.add(name);
        return {
            id: name,
            outputs: { name, arn: `arn:${PARTITION}:logs:${cloud.region}:${ACCOUNT_ID}:log-group:${name}` },
        };
    },
});
