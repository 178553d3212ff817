import { expect } from "chai";
import { devNull } from "node:os";
import { leaveAwsSettingsOut } from "../../local/host-settings";

describe("the host's settings for AWS", () => {
    it("are left out, those in files included, and nothing else is", () => {
        const environment = {
            AWS_PROFILE: "work",
            AWS_ENDPOINT_URL_S3: "http://localhost:1",
            AWS_CONFIG_FILE: "/x",
            PATH: "/bin",
        };
        leaveAwsSettingsOut(environment);
        expect(environment).to.deep.equal({
            PATH: "/bin",
            AWS_CONFIG_FILE: devNull,
            AWS_SHARED_CREDENTIALS_FILE: devNull,
            AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
        });
    });
});
