import { resourceType } from "../resource-type";

export const role = resourceType({
    read: (inputs, names) => ({
        name: inputs.optionalString("name") ?? names.automatic(),
        assumeRolePolicy: inputs.json("assumeRolePolicy"),
        path: inputs.only("path", "/"),
        ...inputs.withoutEffect("description", "tags", "forceDetachPolicies"),
    }),
    async create({ name, assumeRolePolicy }, { identities }) {
        const { arn, roleId } = identities.createRole(name, assumeRolePolicy);
        return { id: name, outputs: { name, arn, uniqueId: roleId } };
    },
});

export const rolePolicy = resourceType({
    read: (inputs, names) => ({
        name: inputs.optionalString("name") ?? names.automatic(),
        role: inputs.string("role"),
        policy: inputs.json("policy"),
    }),
    async create({ name, role: roleName, policy }, { identities }) {
        identities.putRolePolicy(roleName, name, policy);
        return { id: `${roleName}:${name}`, outputs: { name } };
    },
});

export const rolePolicyAttachment = resourceType({
    read: (inputs, names) => ({
        logical: names.logical,
        role: inputs.string("role"),
        policyArn: inputs.string("policyArn"),
    }),
    async create({ logical, role: roleName, policyArn }, { identities }) {
        identities.attachRolePolicy(roleName, policyArn);
        return { id: `${roleName}-${logical}`, outputs: {} };
    },
});

export const user = resourceType({
    read: (inputs, names) => ({
        name: inputs.optionalString("name") ?? names.automatic(),
        path: inputs.only("path", "/"),
        ...inputs.withoutEffect("tags", "forceDestroy"),
    }),
    async create({ name }, { identities }) {
        const { arn, userId } = identities.createUser(name);
        return { id: name, outputs: { name, arn, uniqueId: userId } };
    },
});

export const userPolicy = resourceType({
    read: (inputs, names) => ({
        name: inputs.optionalString("name") ?? names.automatic(),
        user: inputs.string("user"),
        policy: inputs.json("policy"),
    }),
    async create({ name, user: userName, policy }, { identities }) {
        identities.putUserPolicy(userName, name, policy);
        return { id: `${userName}:${name}`, outputs: { name } };
    },
});

export const accessKey = resourceType({
    read: (inputs) => ({
        user: inputs.string("user"),
        status: inputs.only("status", "Active", "Inactive") ?? "Active",
    }),
    async create({ user: userName, status }, { identities }) {
        const { accessKeyId, secretAccessKey } = identities.createAccessKey(userName);
        identities.setAccessKeyActive(accessKeyId, status === "Active");
        return { id: accessKeyId, outputs: { secret: secretAccessKey, status, createDate: new Date().toISOString() } };
    },
});
