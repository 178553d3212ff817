import { expect } from "chai";
import { devNull } from "node:os";
import { heapArguments, logStreamName, processEnvironment } from "../../../local/lambda/process-environment";

describe("process environment", () => {
    it("gives nine tenths of the memory to the old generation", () => {
        expect(heapArguments(128)).to.deep.equal(["--max-old-space-size=115", "--max-semi-space-size=6"]);
        expect(heapArguments(10_240)).to.deep.equal(["--max-old-space-size=9216", "--max-semi-space-size=512"]);
    });

    it("keeps the function from the settings for AWS in the home folder, which its system looks up by itself", () => {
        const configuration = {
            functionName: "f",
            functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
            roleArn: "arn:aws:iam::000000000000:role/r",
            files: {},
            handler: "index.handler",
            runtime: "nodejs24.x",
            memorySizeMb: 128,
            timeoutSeconds: 3,
            environment: {},
            region: "us-east-1",
            logGroupName: "/aws/lambda/f",
            endpointUrl: "http://127.0.0.1:1",
        };
        const credentials = { accessKeyId: "A", secretAccessKey: "B", sessionToken: "C" };
        const place = {
            taskRoot: "/task",
            runtimeRoot: "/runtime",
            runtimeModules: "/modules",
            temporaryFolder: "/folder",
            runtimeApi: "127.0.0.1:2",
            logStreamName: "s",
        };
        const environment = processEnvironment(
            { ...configuration, credentials: () => credentials },
            credentials,
            place,
        );
        expect(environment).to.include({ AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull });
        expect(environment).not.to.have.property("HOME");
    });

    it("names a log stream by its day and its environment", () => {
        const name = logStreamName(new Date("2026-11-23T23:59:59Z"), "5f0c");
        expect(name).to.equal("2026/11/23/[$LATEST]5f0c");
    });
});
