import { AwsError } from "../aws-error";
import type { Principal } from "../iam/principal";
import { APPLICATION_LOG_LEVELS, SYSTEM_LOG_LEVELS, type LogLevel } from "./log-level";
import type { LogFormat } from "./system-log";

export interface FunctionCredentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
    /** When they stop working; an execution environment is replaced before that. */
    readonly expiration?: Date;
    /** Whose policies say whether the function may write its log; without one, it may. */
    readonly principal?: Principal;
}

/** What a deployment says of a function: the inputs of CreateFunction, and what the embedded cloud adds. */
export interface FunctionConfiguration {
    readonly functionName: string;
    readonly functionArn: string;
    /** `<path without extension>.<export>`: `__index.handler`. */
    readonly handler: string;
    readonly runtime: string;
    /** 128 to 10,240 MB. */
    readonly memorySizeMb: number;
    /** 1 to 900 seconds. */
    readonly timeoutSeconds: number;
    readonly environment: Readonly<Record<string, string>>;
    /** The archive: content by path relative to its root, with `/` between folders. */
    readonly files: Readonly<Record<string, Buffer | string>>;
    readonly region: string;
    readonly roleArn: string;
    /** The role's temporary credentials; called at each start of an execution environment. */
    readonly credentials: () => FunctionCredentials;
    /** Given to the function as `AWS_ENDPOINT_URL`, which the AWS SDKs read by themselves. */
    readonly endpointUrl: string;
    readonly logGroupName: string;
    /** Invocations at once, from 0 (none) on; left out or -1 for what the account has unreserved. */
    readonly reservedConcurrentExecutions?: number;
    /** `LoggingConfig.LogFormat`; `Text` when left out. */
    readonly logFormat?: LogFormat;
    /** `LoggingConfig.SystemLogLevel` and `LoggingConfig.ApplicationLogLevel`, with the format JSON; `INFO` when left out. */
    readonly systemLogLevel?: LogLevel;
    readonly applicationLogLevel?: LogLevel;
}

/**
 * The runtimes that run here, all on the Node.js of the host: their handler semantics and environment are kept, their
 * language version is not. AWS accepts no new functions with older ones.
 */
export const RUNTIMES: readonly string[] = ["nodejs24.x", "nodejs22.x"];

/** Lambda quotas page: memory, time limit and the total size of the environment variables. */
export const MEMORY_SIZE_MIN_MB = 128;
export const MEMORY_SIZE_MAX_MB = 10_240;
export const TIMEOUT_MAX_SECONDS = 900;
export const ENVIRONMENT_BYTES_MAX = 4096;

/** "Defined runtime environment variables" in the Lambda developer guide: those that a function may not set. */
const RESERVED_VARIABLES: readonly string[] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/** Throws InvalidParameterValueException for the first setting that AWS, or the embedded cloud, does not accept. */
export function checkFunctionConfiguration(configuration: FunctionConfiguration): void {
    const { functionName, handler, runtime, memorySizeMb, timeoutSeconds, files } = configuration;
    if (!/^[a-zA-Z0-9-_]{1,64}$/.test(functionName)) {
        refuse(`Expected the function's name to be 1 to 64 letters, digits, "-" and "_", got "${functionName}".`);
    }
    if (!RUNTIMES.includes(runtime)) {
        refuse(`Expected \`runtime\` to be one of ${RUNTIMES.join(", ")}, got "${runtime}".`);
    }
    if (!/^[^\s]{3,128}$/.test(handler) || !handler.includes(".")) {
        refuse(`Expected \`handler\` to be "<file without extension>.<export>", got "${handler}".`);
    }
    checkRange("memorySize", memorySizeMb, MEMORY_SIZE_MIN_MB, MEMORY_SIZE_MAX_MB);
    checkRange("timeout", timeoutSeconds, 1, TIMEOUT_MAX_SECONDS);
    if (configuration.reservedConcurrentExecutions !== undefined) {
        checkRange("reservedConcurrentExecutions", configuration.reservedConcurrentExecutions, -1, 1000);
    }
    checkLogLevel("systemLogLevel", configuration, SYSTEM_LOG_LEVELS);
    checkLogLevel("applicationLogLevel", configuration, APPLICATION_LOG_LEVELS);
    checkEnvironment(configuration.environment);
    checkPaths(Object.keys(files));
}

function checkRange(name: string, value: number, min: number, max: number): void {
    if (!Number.isInteger(value) || value < min || value > max) {
        refuse(`Expected \`${name}\` to be a whole number from ${min} to ${max}, got ${value}.`);
    }
}

/** Only the format JSON has levels to filter by. */
function checkLogLevel(
    name: "systemLogLevel" | "applicationLogLevel",
    { logFormat, [name]: level }: FunctionConfiguration,
    levels: readonly LogLevel[],
): void {
    if (level === undefined) return;
    if (logFormat !== "JSON") refuse(`Expected \`logFormat\` to be JSON, as \`${name}\` is given.`);
    if (!levels.includes(level)) refuse(`Expected \`${name}\` to be one of ${levels.join(", ")}, got "${level}".`);
}

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
    const reserved = Object.keys(environment).filter((name) => RESERVED_VARIABLES.includes(name));
    if (reserved.length > 0) {
        refuse(
            "Lambda was unable to configure your environment variables because the environment variables you have " +
                "provided contains reserved keys that are currently not supported for modification. " +
                `Reserved keys used in this request: ${reserved.join(", ")}`,
        );
    }
    const misnamed = Object.keys(environment).find((name) => !/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name));
    if (misnamed !== undefined) {
        refuse(`Expected the name of an environment variable to match [a-zA-Z]([a-zA-Z0-9_])+, got "${misnamed}".`);
    }
    if (Buffer.byteLength(JSON.stringify(environment)) > ENVIRONMENT_BYTES_MAX) {
        refuse(
            "Lambda was unable to configure your environment variables because the environment variables you have " +
                `provided exceeded the 4KB limit. String measured: ${JSON.stringify(environment)}`,
        );
    }
}

function checkPaths(paths: readonly string[]): void {
    if (paths.length === 0) {
        refuse("Uploaded file must be a non-empty zip");
    }
    const outside = paths.find((path) => path === "" || path.startsWith("/") || path.split("/").includes(".."));
    if (outside !== undefined) {
        refuse(`Expected the archive's paths to stay inside the archive, got "${outside}".`);
    }
}

function refuse(message: string): never {
    throw new AwsError("InvalidParameterValueException", message, 400);
}
