import { choice, text, type Values } from "../commandline/options";
import { readOutputsFile, readStackOutputs, type StackOutputs } from "./config";

/** The options of every command that works on a deployed stack. */
export const stackOptions = {
    stack: text({
        value: "NAME",
        help: "The stack to send to; its outputs are asked of the Pulumi CLI. `local` is the one of `npm run local`.",
    }),
    outputs: text({
        value: "FILE",
        help: "Instead of --stack: a file with what `pulumi stack output --json --show-secrets` prints; `-` is standard input.",
    }),
    credentials: choice(["stack", "default"], {
        help:
            "Whose AWS credentials are used: the key pair in the stack's outputs, or your own, as the AWS SDK finds them " +
            "(environment, profile, role).",
        default: "stack",
    }),
};

export type StackOptions = typeof stackOptions;

/** The rules between them: a line per mistake. `given` are the options that were typed. */
export function checkStack(given: ReadonlySet<string>): string[] {
    if (given.has("stack") && given.has("outputs")) return ["Expected `--stack` or `--outputs`, got both."];
    if (!given.has("stack") && !given.has("outputs")) return ["Expected `--stack NAME` or `--outputs FILE`."];
    return [];
}

/** The outputs of the chosen stack. `projectFolder` is where Pulumi.yaml is. */
export function readChosenOutputs<Name extends string>(
    { stack = "", outputs }: Values<StackOptions>,
    projectFolder: string,
    names: readonly Name[],
): Promise<StackOutputs<Name>> {
    return outputs === undefined ? readStackOutputs(stack, projectFolder, names) : readOutputsFile(outputs, names);
}
