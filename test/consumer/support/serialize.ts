import * as pulumi from "@pulumi/pulumi";
import { createEventProcessor } from "../../../consumer/handler";

/**
 * Writes `__index.js` to standard output: the text that `new aws.lambda.CallbackFunction(…, { callbackFactory })` puts into the
 * function's archive, made by the same call with the same options (lambdaMixins.js in @pulumi/aws).
 */
pulumi.runtime
    .serializeFunction(() => createEventProcessor(), {
        serialize: () => true,
        exportName: "handler",
        isFactoryFunction: true,
        allowSecrets: true,
    })
    .then(({ text, containsSecrets }) => {
        if (containsSecrets) throw new Error("The archive contains a secret");
        process.stdout.write(text);
    })
    .catch((error: unknown) => {
        console.error(error);
        process.exitCode = 1;
    });
