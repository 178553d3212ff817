import { readFileSync } from "node:fs";
import { ACCOUNT_ID, PARTITION } from "../../account";
import { APPLICATION_LOG_LEVELS, SYSTEM_LOG_LEVELS } from "../../lambda/log-level";
import type { Inputs } from "../inputs";
import { resourceType } from "../resource-type";
import { Archive, Asset } from "../values";

export const lambdaFunction = resourceType({
    read: (inputs, names) => ({
        functionName: inputs.optionalString("name") ?? names.automatic(),
        files: readFiles(inputs.archive("code")),
        handler: inputs.string("handler"),
        runtime: inputs.string("runtime"),
        roleArn: inputs.string("role"),
        memorySizeMb: inputs.optionalNumber("memorySize") ?? 128,
        timeoutSeconds: inputs.optionalNumber("timeout") ?? 3,
        environment: inputs.optionalObject("environment")?.stringMap("variables") ?? {},
        reservedConcurrentExecutions: inputs.optionalNumber("reservedConcurrentExecutions") ?? -1,
        ...readLogging(inputs.optionalObject("loggingConfig")),
        // JavaScript runs on either architecture.
        ...inputs.withoutEffect("architectures", "description", "tags"),
    }),
    async create(settings, cloud) {
        const { functionName: name, logGroup } = settings;
        // The one in which the embedded Lambda keeps a function's log.
        if (logGroup !== undefined && logGroup !== `/aws/lambda/${name}`) {
            throw new Error(`expected "loggingConfig.logGroup" to be "/aws/lambda/${name}", got "${logGroup}"`);
        }
        const arn = `arn:${PARTITION}:lambda:${cloud.region}:${ACCOUNT_ID}:function:${name}`;
        await cloud.createFunction({ ...settings, functionArn: arn });
        const invokeArn = `arn:${PARTITION}:apigateway:${cloud.region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
        return {
            id: name,
            outputs: {
                name,
                arn,
                invokeArn,
                version: "$LATEST",
                qualifiedArn: `${arn}:$LATEST`,
                timeout: settings.timeoutSeconds,
            },
        };
    },
});

/**
 * Who else may invoke the function. The embedded cloud has no service that pushes events to functions, so nothing asks
 * for it.
 */
export const permission = resourceType({
    recordedOnly: true,
    read: (inputs, names) => ({
        statementId: inputs.optionalString("statementId") ?? names.automatic(),
        functionName: inputs.string("function"),
        action: inputs.string("action"),
        principal: inputs.string("principal"),
        sourceArn: inputs.optionalString("sourceArn"),
        sourceAccount: inputs.optionalString("sourceAccount"),
    }),
    async create({ statementId, functionName }, cloud) {
        if (!cloud.hasFunction(functionName)) throw new Error(`no function "${functionName}"`);
        return { id: statementId, outputs: { statementId } };
    },
});

export const eventSourceMapping = resourceType({
    // The mapping reads its settings itself, and refuses those that it does not know.
    read: (inputs) => inputs.all(),
    async create(settings, cloud) {
        const { uuid, functionArn } = await cloud.createMapping(settings);
        const arn = `arn:${PARTITION}:lambda:${cloud.region}:${ACCOUNT_ID}:event-source-mapping:${uuid}`;
        return { id: uuid, outputs: { uuid, arn, functionArn, state: "Enabled" } };
    },
});

function readLogging(config: Inputs | undefined) {
    return {
        logFormat: config?.only("logFormat", "Text", "JSON") ?? ("Text" as const),
        logGroup: config?.optionalString("logGroup"),
        systemLogLevel: config?.only("systemLogLevel", ...SYSTEM_LOG_LEVELS),
        applicationLogLevel: config?.only("applicationLogLevel", ...APPLICATION_LOG_LEVELS),
    };
}

/** The archive as files by their path in it. A path of the host is read now, as the provider does at its upload. */
function readFiles(archive: Archive, folder = ""): Record<string, Buffer> {
    const files: Record<string, Buffer> = {};
    for (const [name, entry] of Object.entries(archive.entries)) {
        const path = folder + name;
        if (entry instanceof Archive) Object.assign(files, readFiles(entry, `${path}/`));
        else if (entry instanceof Asset && entry.text !== undefined) files[path] = Buffer.from(entry.text, "utf8");
        else if (entry instanceof Asset && entry.path !== undefined) files[path] = readFileSync(entry.path);
        else throw new Error(`expected the archive's entry "${path}" to be a text, a file or an archive`);
    }
    return files;
}
