import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Properties } from "./deployment/values";
import type { KeyPair } from "./iam/identities";

/** Only the owner may read what holds keys. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** What `pulumi stack output --json --show-secrets` prints. */
export function writeOutputs(file: string, outputs: Properties): void {
    writeAnew(file, `${JSON.stringify(outputs.values, null, 2)}\n`);
}

/** Variables for a shell or a tool that makes any AWS client talk to the embedded cloud, as its administrator. */
export function writeEnvironment(file: string, endpointUrl: string, region: string, administrator: KeyPair): void {
    const variables = {
        AWS_ENDPOINT_URL: endpointUrl,
        AWS_REGION: region,
        // What boto3 and older tools read instead of AWS_REGION.
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: administrator.accessKeyId,
        AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
    };
    writeAnew(
        file,
        Object.entries(variables)
            .map(([name, value]) => `${name}=${value}\n`)
            .join(""),
    );
}

/** The outputs as lines for people: `name  value`, secrets as `[secret]`. */
export function describeOutputs({ values, secrets }: Properties): string[] {
    const names = Object.keys(values).sort();
    const width = Math.max(...names.map((name) => name.length));
    return names.map((name) => {
        const value = values[name];
        const text = typeof value === "string" ? value : JSON.stringify(value);
        return `${name.padEnd(width)}  ${secrets.has(name) ? "[secret]" : text}`;
    });
}

/** Removes what is there first: a mode applies to a new file only. */
function writeAnew(file: string, text: string): void {
    mkdirSync(path.dirname(file), { recursive: true, mode: FOLDER_MODE });
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode: FILE_MODE, flag: "wx" });
}
