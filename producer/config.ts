import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { parseEnv, promisify } from "node:util";
import { UsageError } from "../commandline/failure";
import { printable } from "../commandline/text";

/** The outputs of a stack that were asked for, by their names. Some are secrets: none is ever shown. */
export type StackOutputs<Name extends string> = Readonly<Record<Name, string>>;

/** A stack's outputs are a few kilobytes. */
const OUTPUTS_BYTES_MAX = 16 * 1024 * 1024;
const REASON_CHARACTERS_MAX = 200;
/** The stack that `npm run local` keeps up. */
const LOCAL_STACK = "local";
/** Go before AWS_ENDPOINT_URL: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
const ENDPOINTS_OF_SERVICES = ["AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL_S3"];
/** Without these, AWS_ENDPOINT_URL is not read, or refused; a variable goes before what the user's configuration file says. */
const ENDPOINT_SETTINGS = {
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "false",
    AWS_USE_FIPS_ENDPOINT: "false",
    AWS_USE_DUALSTACK_ENDPOINT: "false",
};

/**
 * From the file that `pulumi stack output --json --show-secrets` was written to; `-` is standard input, which leaves no file
 * with keys behind.
 *
 * @param names the outputs that are needed: it is a mistake of the user if one is missing
 */
export async function readOutputsFile<Name extends string>(
    path: string,
    names: readonly Name[],
): Promise<StackOutputs<Name>> {
    let text: string;
    try {
        text = path === "-" ? await readAll(process.stdin) : await readFile(path, "utf8");
    } catch (error) {
        throw new UsageError(`Expected \`--outputs\` to be a file that can be read: ${messageOf(error)}.`);
    }
    return readOutputs(
        text,
        names,
        path === "-" ? "Standard input" : `\`${path}\``,
        "write the file with `pulumi stack output --json --show-secrets`",
    );
}

/**
 * The outputs of a stack, from the Pulumi CLI; for the stack `local`, from the files that `npm run local` keeps in
 * `.local/` of the project.
 *
 * @param projectFolder where Pulumi.yaml is
 * @param names the outputs that are needed: it is a mistake of the user if one is missing
 */
export async function readStackOutputs<Name extends string>(
    stack: string,
    projectFolder: string,
    names: readonly Name[],
): Promise<StackOutputs<Name>> {
    if (stack === LOCAL_STACK) return readLocalOutputs(join(projectFolder, ".local"), names);
    const output = await pulumiStackOutput(stack, projectFolder);
    return readOutputs(output, names, `The stack \`${stack}\``, `deploy it first with \`pulumi up --stack ${stack}\``);
}

async function readLocalOutputs<Name extends string>(
    folder: string,
    names: readonly Name[],
): Promise<StackOutputs<Name>> {
    let outputs: string;
    let environment: string;
    try {
        outputs = await readFile(join(folder, "outputs.json"), "utf8");
        environment = await readFile(join(folder, "env"), "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            throw new UsageError("Start the embedded cloud first: `npm run local`.");
        }
        throw new UsageError(`The outputs of the embedded cloud cannot be read: ${messageOf(error)}.`);
    }
    const { AWS_ENDPOINT_URL: endpoint } = parseEnv(environment);
    if (endpoint !== undefined && !(await answers(new URL(endpoint)))) {
        throw new UsageError(`Nothing answers at ${endpoint}: start the embedded cloud again, with \`npm run local\`.`);
    }
    if (endpoint === undefined) throw new UsageError(`\`${join(folder, "env")}\` has no AWS_ENDPOINT_URL.`);
    // The AWS SDK reads them by itself.
    for (const name of ENDPOINTS_OF_SERVICES) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, ENDPOINT_SETTINGS, { AWS_ENDPOINT_URL: endpoint });
    return readOutputs(outputs, names, "The stack `local`", "start the embedded cloud again: `npm run local`");
}

async function pulumiStackOutput(stack: string, projectFolder: string): Promise<string> {
    const parameters = ["stack", "output", "--json", "--show-secrets", "--non-interactive", "--stack", stack];
    try {
        // No shell: the name of the stack is one argument, whatever is in it.
        const { stdout } = await promisify(execFile)("pulumi", parameters, {
            cwd: projectFolder,
            env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
            maxBuffer: OUTPUTS_BYTES_MAX,
            windowsHide: true,
        });
        return stdout;
    } catch (error) {
        throw new UsageError(explainPulumi(error as NodeJS.ErrnoException & { stderr?: string }, stack));
    }
}

/** One line for what the CLI wrote to standard error. Its standard output, where the secrets are, is not looked at. */
function explainPulumi(
    { code, stderr = "", message }: NodeJS.ErrnoException & { stderr?: string },
    stack: string,
): string {
    if (code === "ENOENT") {
        return (
            "The Pulumi CLI (`pulumi`) is not on the PATH: install it (https://www.pulumi.com/docs/install/), or pass the " +
            "stack's outputs in a file with `--outputs FILE`."
        );
    }
    if (/PULUMI_ACCESS_TOKEN must be set|pulumi login|not logged in|invalid access token|Unauthorized/i.test(stderr)) {
        return "The Pulumi CLI is not logged in: run `pulumi login`, or set PULUMI_ACCESS_TOKEN.";
    }
    if (/no stack named|stack '.*' not found|stack not found/i.test(stderr)) {
        return `There is no stack \`${printable(stack)}\`: \`pulumi stack ls\` lists those that there are.`;
    }
    if (/passphrase/i.test(stderr)) {
        return `The secrets of the stack \`${printable(stack)}\` need its passphrase: set PULUMI_CONFIG_PASSPHRASE.`;
    }
    const said = /^error: *(.+)/im.exec(stderr)?.[1] ?? stderr.trim().split("\n")[0] ?? "";
    // The first line of `message` is the command, which holds no secret.
    const reason = said === "" ? (message.split("\n")[0] ?? "") : said;
    return `\`pulumi stack output\` failed: ${printable(reason, REASON_CHARACTERS_MAX)}`;
}

/** Checks the outputs; a mistake tells what is wrong with which one, never the value. */
function readOutputs<Name extends string>(
    text: string,
    names: readonly Name[],
    owner: string,
    remedy: string,
): StackOutputs<Name> {
    let outputs: unknown;
    try {
        outputs = JSON.parse(text);
    } catch {
        outputs = undefined;
    }
    if (typeof outputs !== "object" || outputs === null || Array.isArray(outputs)) {
        throw new UsageError(`${owner}: the outputs are not a JSON object; ${remedy}.`);
    }
    const values = outputs as Record<string, unknown>;
    const missing = names.filter((name) => typeof values[name] !== "string" || values[name] === "");
    if (missing.length > 0) {
        // A stack with the setting `accessKeys: none` has everything else.
        const isWithoutKeys = missing.length < names.length && missing.every((name) => /accessKey/i.test(name));
        throw new UsageError(
            `${owner} has no ${missing.map((name) => `\`${name}\``).join(", ")}: ` +
                `${isWithoutKeys ? "use your own credentials with `--credentials default`" : remedy}.`,
        );
    }
    const hidden = names.filter((name) => values[name] === "[secret]");
    if (hidden.length > 0) {
        const hiddenNames = hidden.map((name) => `\`${name}\``).join(", ");
        throw new UsageError(`${owner} hides ${hiddenNames}: ask for the outputs with \`--show-secrets\`.`);
    }
    return values as StackOutputs<Name>;
}

/** Whether something listens there. What a killed `npm run local` has left would be tried for two minutes otherwise. */
function answers({ hostname, port }: URL): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect({ host: hostname, port: Number(port) });
        socket.once("connect", () => resolve(true));
        socket.once("error", () => resolve(false));
        socket.once("connect", () => socket.destroy());
    });
}

async function readAll(input: NodeJS.ReadStream): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of input) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("utf8");
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
