import { expect } from "chai";
import { AwsError } from "../../../local/aws-error";
import { DynamoDbService } from "../../../local/dynamodb/service";
import { cutText, FOUND_CHARACTERS_MAX, ITEMS_FOUND_MAX, SEARCH_MS_MAX, searchItems } from "../../../local/page/items";

const TableName = "posts";
const GOES_ON = new AbortController().signal;
/** A clock on which no search takes too long. */
const STANDS_STILL = () => 0;

async function tableOf(keys: readonly (readonly [username: string, id: string, message?: string])[], faults = 0) {
    let left = 0;
    const dynamodb = new DynamoDbService({
        region: "us-east-1",
        faults: {
            consult: () =>
                left-- > 0 ? new AwsError("ProvisionedThroughputExceededException", "Slow down.") : undefined,
        },
    });
    await dynamodb.call("CreateTable", {
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: ["Username", "Id"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        KeySchema: [
            { AttributeName: "Username", KeyType: "HASH" },
            { AttributeName: "Id", KeyType: "RANGE" },
        ],
    });
    for (const [username, id, message = ""] of keys) {
        const Item = { Username: { S: username }, Id: { S: id }, Message: { S: message } };
        await dynamodb.call("PutItem", { TableName, Item });
    }
    left = faults;
    return dynamodb;
}

function found({ items }: { items: readonly { username: string; id: string }[] }): string[] {
    return items.map(({ username, id }) => `${username}/${id}`).sort();
}

describe("the search for items", () => {
    const keys = [
        ["ada", "1"],
        ["ada", "2"],
        ["bob", "2"],
        ["юлия", "3"],
    ] as const;

    it("finds those of a username, the newest first, without reading the others", async () => {
        const result = await searchItems(await tableOf(keys), TableName, { username: "ada", id: "" }, GOES_ON);
        expect(result.items.map(({ id }) => id)).to.deep.equal(["2", "1"]);
        expect(result).to.include({ searched: 2, complete: true });
    });

    it("finds those of an identifier, whoever they are of", async () => {
        const result = await searchItems(await tableOf(keys), TableName, { username: "", id: "2" }, GOES_ON);
        expect(found(result)).to.deep.equal(["ada/2", "bob/2"]);
        expect(result).to.include({ searched: 4, complete: true });
    });

    it("finds the one of both, and nothing where there is none", async () => {
        const dynamodb = await tableOf(keys);
        expect(found(await searchItems(dynamodb, TableName, { username: "bob", id: "2" }, GOES_ON))).to.deep.equal([
            "bob/2",
        ]);
        expect(found(await searchItems(dynamodb, TableName, { username: "bob", id: "1" }, GOES_ON))).to.deep.equal([]);
    });

    it("says when there is more to be found", async () => {
        const many = Array.from({ length: ITEMS_FOUND_MAX + 1 }, (_, id) => ["ada", String(id)] as const);
        const { items, complete } = await searchItems(
            await tableOf(many),
            TableName,
            { username: "ada", id: "" },
            GOES_ON,
        );
        expect(items).to.have.length(ITEMS_FOUND_MAX);
        expect(complete).to.equal(false);
    });

    it("ends when it takes too long, or when nobody waits for it any more", async () => {
        const dynamodb = await tableOf(Array.from({ length: 600 }, (_, id) => ["ada", String(id)] as const));
        const query = { username: "", id: "none" };
        let time = 0;
        const late = await searchItems(dynamodb, TableName, query, GOES_ON, () => (time += SEARCH_MS_MAX));
        expect(late).to.include({ searched: 500, complete: false });
        const gone = await searchItems(dynamodb, TableName, query, AbortSignal.abort(), STANDS_STILL);
        expect(gone).to.include({ searched: 500, complete: false });
        const patient = await searchItems(dynamodb, TableName, query, GOES_ON, STANDS_STILL);
        expect(patient).to.include({ searched: 600, complete: true });
    });

    it("gets along with a table that is throttled for a while, and not for ever", async () => {
        const query = { username: "ada", id: "1" };
        expect(found(await searchItems(await tableOf(keys, 3), TableName, query, GOES_ON))).to.deep.equal(["ada/1"]);
        const error: unknown = await searchItems(await tableOf(keys, 1_000), TableName, query, GOES_ON).catch(
            (reason: unknown) => reason,
        );
        expect(error).to.have.property("code", "ProvisionedThroughputExceededException");
    });

    it("cuts a long message, never within a character", async () => {
        const long = `${"x".repeat(FOUND_CHARACTERS_MAX - 1)}🔥`;
        const { items } = await searchItems(
            await tableOf([["a", "1", long]]),
            TableName,
            { username: "a", id: "" },
            GOES_ON,
        );
        expect(items[0]).to.include({ message: "x".repeat(FOUND_CHARACTERS_MAX - 1), cut: true });
        expect(cutText("🔥🔥", 2)).to.equal("🔥");
    });
});
