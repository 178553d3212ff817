import { NO_AWS_FILES } from "../host-settings";
import type { FunctionConfiguration, FunctionCredentials } from "./function-configuration";
import { LOG_LEVEL_DEFAULT } from "./log-level";

export interface ProcessPlace {
    /** The unpacked archive: working directory and `LAMBDA_TASK_ROOT`. */
    readonly taskRoot: string;
    /** The `node_modules` of the runtime: what resolves besides the archive. */
    readonly runtimeModules: string;
    /** Where the runtime's own program is. */
    readonly runtimeRoot: string;
    /** This environment's own folder for temporary files, unless `/tmp` is. */
    readonly temporaryFolder: string | undefined;
    /** `127.0.0.1:PORT` of this environment's Runtime API. */
    readonly runtimeApi: string;
    readonly logStreamName: string;
}

/**
 * Every environment variable of the process: those that Lambda sets ("Defined runtime environment variables" in its
 * developer guide), then the function's. Nothing of the host's environment is in it. A shell that starts the process adds
 * `PWD` and `SHLVL`, as Lambda's does.
 */
export function processEnvironment(
    configuration: FunctionConfiguration,
    credentials: FunctionCredentials,
    place: ProcessPlace,
): Record<string, string> {
    return {
        _HANDLER: configuration.handler,
        AWS_REGION: configuration.region,
        AWS_DEFAULT_REGION: configuration.region,
        AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
        AWS_LAMBDA_FUNCTION_NAME: configuration.functionName,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySizeMb),
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
        AWS_LAMBDA_LOG_GROUP_NAME: configuration.logGroupName,
        AWS_LAMBDA_LOG_STREAM_NAME: place.logStreamName,
        AWS_LAMBDA_LOG_FORMAT: configuration.logFormat ?? "Text",
        ...(configuration.logFormat === "JSON" && {
            AWS_LAMBDA_LOG_LEVEL: configuration.applicationLogLevel ?? LOG_LEVEL_DEFAULT,
        }),
        AWS_LAMBDA_RUNTIME_API: place.runtimeApi,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
        LAMBDA_TASK_ROOT: place.taskRoot,
        LAMBDA_RUNTIME_DIR: place.runtimeRoot,
        LANG: "en_US.UTF-8",
        TZ: ":UTC",
        PATH: "/usr/local/bin:/usr/bin:/bin",
        NODE_PATH: place.runtimeModules,
        AWS_ENDPOINT_URL: configuration.endpointUrl,
        // On AWS there is no home folder with settings for AWS; here it would be that of whoever runs this.
        ...NO_AWS_FILES,
        // The host may be older than the runtime: what the SDK says about that is nothing that the function would log on AWS
        // (https://github.com/aws/aws-sdk-js-v3/issues/7983).
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
        ...(place.temporaryFolder !== undefined && { TMPDIR: place.temporaryFolder }),
        ...configuration.environment,
    };
}

/**
 * Lambda's own Node.js bootstrap gives nine tenths of the memory to the old generation and a twentieth to each half of
 * the young one. Lambda also counts memory outside of the heap, which is not limited here: an approximation.
 */
export function heapArguments(memorySizeMb: number): string[] {
    const oldSpaceMb = Math.floor(memorySizeMb * 0.9);
    const semiSpaceMb = Math.max(1, Math.floor(memorySizeMb * 0.05));
    return [`--max-old-space-size=${oldSpaceMb}`, `--max-semi-space-size=${semiSpaceMb}`];
}

/** `2026/11/23/[$LATEST]5f0c…`, a log stream per execution environment as in CloudWatch. */
export function logStreamName(now: Date, environmentId: string): string {
    const date = now.toISOString().slice(0, 10).replaceAll("-", "/");
    return `${date}/[$LATEST]${environmentId}`;
}
