import { randomUUID } from "node:crypto";
import { ACCOUNT_ID, PARTITION } from "../../account";
import { resourceType } from "../resource-type";

const TOPIC_NAME = /^[A-Za-z0-9_-]{1,256}$/;
const TOPIC_ARN = /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/;

/** Nothing is published: alarms do not go off in the embedded cloud. */
export const topic = resourceType({
    recordedOnly: true,
    read: (inputs, names) => ({
        name: inputs.optionalMatching("name", TOPIC_NAME, "1 to 256 letters, digits, - and _") ?? names.automatic(),
        displayName: inputs.optionalMatching("displayName", /^.{0,100}$/, "at most 100 characters"),
        ...inputs.withoutEffect("tags"),
    }),
    async create({ name }, { region }) {
        const arn = `arn:${PARTITION}:sns:${region}:${ACCOUNT_ID}:${name}`;
        return { id: arn, outputs: { name, arn, owner: ACCOUNT_ID } };
    },
});

/** No mail is sent, also none that asks for a confirmation. */
export const topicSubscription = resourceType({
    recordedOnly: true,
    read: (inputs) => ({
        topic: inputs.matching("topic", TOPIC_ARN, "the ARN of a topic"),
        protocol: inputs.oneOf("protocol", "email"),
        endpoint: inputs.matching("endpoint", /^[^\s@]+@[^\s@]+$/, "an e-mail address"),
    }),
    async create({ topic: topicArn }) {
        const arn = `${topicArn}:${randomUUID()}`;
        return { id: arn, outputs: { arn, ownerId: ACCOUNT_ID, pendingConfirmation: true } };
    },
});
