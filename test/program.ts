import path from "node:path";
import { deploy, type Deployment } from "../local/deployment/deploy";
import type { Inputs } from "../local/deployment/inputs";
import type { DeployedResource, Provider } from "../local/deployment/monitor";
import { PreviewProvider } from "../local/deployment/preview";
import { readProject } from "../local/deployment/project";

const PROJECT_FOLDER = path.resolve(__dirname, "..");
export const ACCOUNT = "111122223333";

/** Makes every resource up from its inputs, with ARNs of the given partition and region. */
export class MakeBelieveProvider implements Provider {
    constructor(
        readonly region = "us-east-1",
        readonly partition = "aws",
    ) {}

    isRecordedOnly(): boolean {
        return false;
    }

    async create(
        type: string,
        name: string,
        inputs: Inputs,
    ): Promise<{ id: string; outputs: Record<string, unknown> }> {
        const given = inputs.all();
        const physical = typeof given.name === "string" ? given.name : `${name}-1a2b3c4`;
        const [service = "", kind = ""] = type
            .replace(/^aws:|\/.*$/g, "")
            .split(":")
            .concat(type.split(":").at(-1) ?? "");
        const place = service === "s3" ? "::" : `${this.region}:${ACCOUNT}:`;
        const arn = `arn:${this.partition}:${service}:${place}${kind.toLowerCase()}/${physical}`;
        return {
            id: `${name}-id`,
            outputs: { name: physical, bucket: physical, arn, uuid: "1111-2222", secret: "s3cr3t" },
        };
    }

    async invoke(): Promise<Record<string, unknown>> {
        return { region: this.region };
    }
}

export interface ProgramRun {
    readonly stack?: string;
    /** Settings of the project, without its name. */
    readonly config?: Readonly<Record<string, string>>;
    readonly provider?: Provider;
}

/** Runs index.ts by the entry of `pulumi up`, on the project's defaults and the given settings. */
export function runProgram({ stack = "dev", config = {}, provider }: ProgramRun = {}): Promise<Deployment> {
    const project = readProject(PROJECT_FOLDER, "none");
    const settings = Object.entries(config).map(([name, value]) => [`${project.name}:${name}`, value] as const);
    return deploy({
        project: { ...project, config: { ...project.config, ...Object.fromEntries(settings) } },
        stack,
        startProvider: async () => provider ?? new MakeBelieveProvider(),
        signal: new AbortController().signal,
    });
}

/** Runs index.ts as `pulumi preview` does: every output of every resource is unknown. */
export async function previewProgram(run: Omit<ProgramRun, "provider"> = {}): Promise<Deployment> {
    // The entry of `pulumi up` reads this variable where its option `--dry-run` is not given.
    process.env.PULUMI_NODEJS_DRY_RUN = "true";
    try {
        return await runProgram({ ...run, provider: new PreviewProvider("us-east-1") });
    } finally {
        delete process.env.PULUMI_NODEJS_DRY_RUN;
    }
}

/** The one resource of a type, or of a type and a name. */
export function find(resources: readonly DeployedResource[], type: string, name?: string): DeployedResource {
    const [found, ...more] = resources.filter(
        (each) => each.type === type && (name === undefined || each.name === name),
    );
    if (found === undefined || more.length > 0) throw new Error(`Expected one ${type} ${name ?? ""}`);
    return found;
}
