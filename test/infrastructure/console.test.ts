import { expect } from "chai";
import { dashboardUrl, tableUrl } from "../../infrastructure/console";

describe("the pages of the AWS console", () => {
    for (const [region, domain] of [
        ["eu-central-1", "eu-central-1.console.aws.amazon.com"],
        ["us-gov-east-1", "us-gov-east-1.console.amazonaws-us-gov.com"],
        ["cn-northwest-1", "cn-northwest-1.console.amazonaws.cn"],
        ["eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"],
    ] as const) {
        it(`are those of the partition that ${region} is in`, () => {
            expect(tableUrl(region, "dev-EventData")).to.equal(
                `https://${domain}/dynamodbv2/home?region=${region}#item-explorer?table=dev-EventData`,
            );
            expect(dashboardUrl(region, "dev-flow")).to.equal(
                `https://${domain}/cloudwatch/home?region=${region}#dashboards/dashboard/dev-flow`,
            );
        });
    }
});
