import { expect } from "chai";
import type { DeployedResource } from "../../../local/deployment/monitor";
import { Archive, Asset, type Properties } from "../../../local/deployment/values";
import { showResources } from "../../../local/page/resources";

function properties(values: Record<string, unknown>, ...secrets: string[]): Properties {
    return { values, secrets: new Set(secrets) };
}

function resource(more: Partial<DeployedResource>): DeployedResource {
    return {
        urn: "urn",
        type: "aws:iam/accessKey:AccessKey",
        name: "producer",
        custom: true,
        parent: "",
        dependencies: [],
        protect: false,
        deleteBeforeReplace: undefined,
        inputs: properties({}),
        id: "id",
        outputs: properties({}),
        recordedOnly: false,
        ...more,
    };
}

describe("deployed resources for people", () => {
    it("show nothing that is a secret anywhere: of a resource, of the outputs, inside of a text or as an identifier", () => {
        const shown = showResources(
            [
                resource({ id: "AKIAEXAMPLE000", outputs: properties({ secret: "sesame-open" }, "secret") }),
                resource({ inputs: properties({ environment: { KEY: ["sesame-open"], TEXT: "is sesame-open!" } }) }),
                resource({ inputs: properties({ policy: '{"Key":"sesame-open"}' }) }),
            ],
            properties({ accessKeyId: "AKIAEXAMPLE000" }, "accessKeyId"),
        );
        const text = JSON.stringify(shown);
        expect(text).not.to.include("sesame-open").and.not.include("AKIAEXAMPLE000");
        expect(shown[0]).to.deep.include({ id: "[secret]", properties: [["secret", "[secret]"]] });
    });

    it("have their policies, to be read by people", () => {
        const Statement = [{ Effect: "Allow", Action: "kinesis:PutRecords", Resource: "*" }];
        const [shown] = showResources(
            [resource({ inputs: properties({ policy: JSON.stringify({ Statement }), user: "producer" }) })],
            properties({}),
        );
        expect(shown!.policies).to.deep.equal([["policy", JSON.stringify({ Statement }, null, 2)]]);
        expect(shown!.properties).to.deep.equal([["user", "producer"]]);
    });

    it("leave out components and the contents of archives", () => {
        const archive = new Archive({ "index.js": new Asset("code", undefined) });
        const shown = showResources(
            [resource({ custom: false }), resource({ inputs: properties({ code: archive }) })],
            properties({}),
        );
        expect(shown.map((each) => each.properties)).to.deep.equal([[["code", "an archive of 1 file"]]]);
    });
});
