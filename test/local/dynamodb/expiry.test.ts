import { expect } from "chai";
import { DynamoDbService, type JsonObject } from "../../../local/dynamodb/service";
import { rejection } from "../front-door/cloud";
import { item, TABLE } from "./fixture";

describe("time to live", () => {
    const NOW = 1_800_000_000;
    let nowSeconds: number;
    let service: DynamoDbService;
    const TableName = TABLE.TableName;
    const setTimeToLive = (Enabled: boolean): Promise<JsonObject> =>
        service.call("UpdateTimeToLive", { TableName, TimeToLiveSpecification: { Enabled, AttributeName: "Expires" } });
    const put = (id: string, expires: object): Promise<JsonObject> =>
        service.call("PutItem", { TableName, Item: { ...item(id), Expires: expires } });
    const idsLeft = async (): Promise<unknown> => {
        const { Items: items } = await service.call("Scan", { TableName });
        return (items as { Id: { S: string } }[]).map(({ Id: id }) => id.S).sort();
    };

    beforeEach(async () => {
        nowSeconds = NOW;
        service = new DynamoDbService({ region: "us-east-1", clock: () => nowSeconds * 1000 });
        await service.call("CreateTable", { ...TABLE });
    });
    afterEach(() => service.close());

    it("deletes items once their time is over, written before or after it was enabled", async () => {
        await put("before", { N: String(NOW + 10) });
        await setTimeToLive(true);
        expect(await service.call("DescribeTimeToLive", { TableName })).to.deep.equal({
            TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: "Expires" },
        });
        await put("after", { N: String(NOW + 20) });
        await put("text", { S: String(NOW + 10) });
        await put("long ago", { N: String(NOW - 6 * 365 * 86_400) });
        await put("prolonged", { N: String(NOW + 10) });
        await put("prolonged", { N: String(NOW + 100) });
        nowSeconds += 11;
        expect(await idsLeft()).to.deep.equal(["after", "long ago", "prolonged", "text"]);
        expect(service.itemCount(TableName)).to.equal(4);
        nowSeconds += 10;
        expect(await idsLeft()).to.deep.equal(["long ago", "prolonged", "text"]);
    });

    it("deletes more than one sweep takes, a sweep at each use", async () => {
        await setTimeToLive(true);
        for (let at = 0; at < 2_500; at++) {
            await put(String(at), { N: String(NOW + 10) });
        }
        nowSeconds += 11;
        const left: (number | undefined)[] = [];
        for (let use = 0; use < 3; use++) {
            await service.call("DescribeTable", { TableName });
            left.push(service.itemCount(TableName));
        }
        expect(left).to.deep.equal([1_500, 500, 0]);
    });

    it("stops when it is disabled", async () => {
        await setTimeToLive(true);
        await put("1", { N: String(NOW + 10) });
        await setTimeToLive(false);
        nowSeconds += 100;
        expect(await idsLeft()).to.deep.equal(["1"]);
        expect(await rejection(setTimeToLive(false))).to.include({ message: "TimeToLive is already disabled" });
    });

    it("leaves a new table of the same name alone", async () => {
        await setTimeToLive(true);
        await service.call("DeleteTable", { TableName });
        await service.call("CreateTable", { ...TABLE });
        await put("1", { N: String(NOW - 10) });
        nowSeconds += 100;
        expect(await idsLeft()).to.deep.equal(["1"]);
    });
});
