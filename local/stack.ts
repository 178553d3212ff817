import path from "node:path";
import { UsageError } from "../commandline/failure";
import type { Cloud, CloudOptions } from "./cloud";
import { deploy, type Deployment } from "./deployment/deploy";
import type { LogMessage } from "./deployment/engine";
import { DeploymentError } from "./deployment/errors";
import { readProject } from "./deployment/project";
import type { Properties } from "./deployment/values";
import { explainPortError } from "./port-error";
import { reached } from "./timings";

/** The stack that is deployed to the embedded cloud; its configuration is in Pulumi.local.yaml, if there is one. */
export const STACK = "local";
/** Where Pulumi.yaml is. */
export const PROJECT_FOLDER = path.resolve(__dirname, "..");

export interface Stack {
    readonly cloud: Cloud;
    readonly deployment: Deployment;
}

export interface StackOptions extends Omit<CloudOptions, "region"> {
    /** Ends the deployment when it is aborted. */
    readonly signal: AbortSignal;
    /** Called when the cloud is up, before anything is deployed to it. */
    readonly onCloud?: (cloud: Cloud) => void;
    /** Called with what the program exports, shortly before the deployment is complete. */
    readonly onOutputs?: (outputs: Properties) => void;
    /** What the program logs. */
    readonly onLog: (message: LogMessage) => void;
}

/**
 * Starts the embedded cloud and deploys the project's program to it. What is wrong with the project, its configuration or
 * the port is thrown as a UsageError, and nothing is left running.
 */
export async function startStack({ signal, onLog, onCloud, onOutputs, ...cloudOptions }: StackOptions): Promise<Stack> {
    const started: { cloud?: Cloud } = {};
    try {
        const project = readProject(PROJECT_FOLDER, STACK);
        const region = project.config["aws:region"];
        if (region === undefined) throw new DeploymentError("Expected the configuration to have `aws:region`");
        const startProvider = async () => {
            // Loaded while the program starts, which takes longer: half a second sooner for whoever waits.
            const [{ Cloud }, { EmbeddedProvider }] = await Promise.all([
                import("./cloud"),
                import("./deployment/provider"),
            ]);
            started.cloud = await Cloud.start({ region, ...cloudOptions });
            reached("the embedded cloud is up");
            onCloud?.(started.cloud);
            return new EmbeddedProvider(started.cloud);
        };
        const deployment = await deploy({
            project,
            stack: STACK,
            startProvider,
            signal,
            onLog,
            ...(onOutputs && { onOutputs }),
        });
        if (started.cloud === undefined) throw new Error("The deployment ended without a provider.");
        return { cloud: started.cloud, deployment };
    } catch (error) {
        await started.cloud?.close();
        throw explained(error, cloudOptions.port);
    }
}

function explained(error: unknown, port: number): unknown {
    if (error instanceof DeploymentError) return new UsageError(error.message);
    return explainPortError(error, { port, option: "--port", guess: " (another `npm run local`?)" });
}
