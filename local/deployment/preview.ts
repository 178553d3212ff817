import path from "node:path";
import { deploy } from "./deploy";
import type { Inputs } from "./inputs";
import type { DeployedResource, Provider } from "./monitor";
import { readProject } from "./project";
import { UNKNOWN } from "./values";

const PROJECT_FOLDER = path.resolve(__dirname, "..", "..");

/**
 * Makes nothing: a program that is run against it sees what it sees in `pulumi preview`, and less, since the real engine knows
 * a resource's inputs then, and here every output of a resource is unknown.
 */
export class PreviewProvider implements Provider {
    constructor(private readonly region: string) {}

    isRecordedOnly(): boolean {
        return false;
    }

    async create(
        _type: string,
        _name: string,
        inputs: Inputs,
    ): Promise<{ id: string; outputs: Record<string, unknown> }> {
        const names = Object.keys(inputs.all());
        return { id: "", outputs: Object.fromEntries(names.map((name) => [name, UNKNOWN])) };
    }

    async invoke(token: string): Promise<Record<string, unknown>> {
        // Functions are called in a preview, too; this one answers from the configuration.
        if (token !== "aws:index/getRegion:getRegion") throw new Error("a preview cannot call this function");
        return { region: this.region };
    }
}

/**
 * Every resource that the project's program registers for a stack, with its inputs, while none is made.
 * @param onLine told what the program logs or prints
 * @throws DeploymentError as `deploy`
 */
export async function previewStack(
    stack: string,
    onLine: (line: string) => void,
): Promise<readonly DeployedResource[]> {
    // The entry of `pulumi up` reads this variable where its option `--dry-run` is not given.
    process.env.PULUMI_NODEJS_DRY_RUN = "true";
    try {
        const project = readProject(PROJECT_FOLDER, stack);
        const { resources } = await deploy({
            project,
            stack,
            startProvider: async () => new PreviewProvider(project.config["aws:region"] ?? ""),
            signal: new AbortController().signal,
            onLog: ({ text }) => onLine(text),
        });
        return resources;
    } finally {
        delete process.env.PULUMI_NODEJS_DRY_RUN;
    }
}
