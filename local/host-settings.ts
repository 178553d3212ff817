import { devNull } from "node:os";

/** For a process whose AWS clients are not to read the files in the home folder of whoever runs it. */
export const NO_AWS_FILES = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull } as const;

/**
 * Takes everything out of the environment, and of that of the processes started from here on, by which whoever runs the
 * embedded cloud has set up AWS clients for something else: a profile, FIPS endpoints, or the endpoint of another emulator
 * (https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html) would lead away from it, or fail.
 */
export function leaveAwsSettingsOut(environment: NodeJS.ProcessEnv = process.env): void {
    for (const name of Object.keys(environment).filter((each) => each.startsWith("AWS_"))) {
        Reflect.deleteProperty(environment, name);
    }
    Object.assign(environment, NO_AWS_FILES, {
        // What the AWS SDK says about versions of Node is for those who update it (github.com/aws/aws-sdk-js-v3/issues/7983).
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    });
}
