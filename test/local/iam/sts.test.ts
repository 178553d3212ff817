import { expect } from "chai";
import { StsService } from "../../../local/iam/sts";
import type { ServiceRequest } from "../../../local/service";

function request(body: string): ServiceRequest {
    const arn = "arn:aws:sts::000000000000:assumed-role/r/s";
    const principal = { arn, userId: "AROAEXAMPLE:s", policies: () => [] };
    return {
        method: "POST",
        url: "/",
        headers: {},
        body: Buffer.from(body),
        operation: "",
        principal,
        requestId: "id-1",
    };
}

describe("STS", () => {
    it("says who signed, without any permission", async () => {
        const sts = new StsService();
        expect(sts.authorizations()).to.deep.equal([]);
        const { status, body } = await sts.handle(request("Action=GetCallerIdentity&Version=2011-06-15"));
        expect(status).to.equal(200);
        expect(body).to.contain("<Arn>arn:aws:sts::000000000000:assumed-role/r/s</Arn>");
        expect(body).to.contain("<UserId>AROAEXAMPLE:s</UserId><Account>000000000000</Account>");
        expect(body).to.contain("<RequestId>id-1</RequestId>");
    });

    it("refuses everything else", async () => {
        const error = await new StsService().handle(request("Action=AssumeRole")).catch((refusal: unknown) => refusal);
        expect(error).to.include({ code: "InvalidAction", status: 400 });
    });
});
