import { expect } from "chai";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { describeOutputs, writeEnvironment, writeOutputs } from "../../local/outputs";
import { removeTemporaryFolders, temporaryFolder } from "../temporary-folder";

const OUTPUTS = { values: { region: "us-east-1", secretAccessKey: "quiet" }, secrets: new Set(["secretAccessKey"]) };

describe("the files of npm run local", () => {
    after(removeTemporaryFolders);

    it("hold the outputs as the Pulumi CLI prints them, for the owner only", () => {
        const file = path.join(temporaryFolder(), ".local", "outputs.json");
        writeOutputs(file, OUTPUTS);
        expect(JSON.parse(readFileSync(file, "utf8"))).to.deep.equal(OUTPUTS.values);
        expect(statSync(file).mode & 0o777).to.equal(0o600);
        expect(statSync(path.dirname(file)).mode & 0o777).to.equal(0o700);
    });

    it("are for the owner only also where a file of another mode was left", () => {
        const folder = temporaryFolder();
        const file = path.join(folder, "env");
        writeFileSync(file, "old", { mode: 0o644 });
        writeEnvironment(file, "http://127.0.0.1:1", "us-east-1", { accessKeyId: "AKIA", secretAccessKey: "a/b+c=" });
        expect(statSync(file).mode & 0o777).to.equal(0o600);
        expect(parseEnv(readFileSync(file, "utf8"))).to.deep.equal({
            AWS_ENDPOINT_URL: "http://127.0.0.1:1",
            AWS_REGION: "us-east-1",
            AWS_DEFAULT_REGION: "us-east-1",
            AWS_ACCESS_KEY_ID: "AKIA",
            AWS_SECRET_ACCESS_KEY: "a/b+c=",
        });
    });

    it("are shown without their secrets", () => {
        expect(describeOutputs(OUTPUTS)).to.deep.equal(["region           us-east-1", "secretAccessKey  [secret]"]);
    });
});
