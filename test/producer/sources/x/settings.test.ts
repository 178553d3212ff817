import { expect } from "chai";
import { UsageError } from "../../../../commandline/failure";
import { readXSettings } from "../../../../producer/sources/x/settings";
import { removeTemporaryFolders, temporaryFolder } from "../../../temporary-folder";

const secret = "s3cr3t";

async function problemOf(environment: Record<string, string>, dotEnv = ""): Promise<string> {
    try {
        await readXSettings(environment, temporaryFolder({ ".env": dotEnv }));
    } catch (error) {
        expect(error).to.be.instanceOf(UsageError);
        return (error as UsageError).message;
    }
    return expect.fail("It was accepted.");
}

describe("the settings for X", () => {
    after(removeTemporaryFolders);

    it("are a bearer token, or the key and the secret of the app", async () => {
        const folder = temporaryFolder();
        expect(await readXSettings({ X_BEARER_TOKEN: "AAAA%3D" }, folder)).to.deep.equal({
            apiUrl: "https://api.x.com",
            credentials: { bearerToken: "AAAA%3D" },
        });
        expect(
            (await readXSettings({ X_CONSUMER_KEY: "k", X_CONSUMER_SECRET: secret }, folder)).credentials,
        ).to.deep.equal({ consumerKey: "k", consumerSecret: secret });
    });

    it("come from `.env` as well, where the environment wins, also with the other kind of credentials", async () => {
        const folder = temporaryFolder({
            ".env": '# for X\nX_BEARER_TOKEN="from the file"\n'.replaceAll(" the ", "-"),
        });
        expect((await readXSettings({}, folder)).credentials).to.deep.equal({ bearerToken: "from-file" });
        expect((await readXSettings({ X_BEARER_TOKEN: "e" }, folder)).credentials).to.deep.equal({ bearerToken: "e" });
        expect(
            (await readXSettings({ X_CONSUMER_KEY: "k", X_CONSUMER_SECRET: "s" }, folder)).credentials,
        ).to.deep.equal({
            consumerKey: "k",
            consumerSecret: "s",
        });
    });

    it("take an empty variable for none", async () => {
        const folder = temporaryFolder({ ".env": "X_BEARER_TOKEN=file" });
        expect((await readXSettings({ X_BEARER_TOKEN: "" }, folder)).credentials).to.deep.equal({
            bearerToken: "file",
        });
    });

    it("may be half in the environment and half in `.env`", async () => {
        const folder = temporaryFolder({ ".env": `X_CONSUMER_SECRET=${secret}` });
        const { credentials } = await readXSettings({ X_CONSUMER_KEY: "k" }, folder);
        expect(credentials).to.deep.equal({ consumerKey: "k", consumerSecret: secret });
    });

    it("say what is missing", async () => {
        const expected =
            "Expected `X_BEARER_TOKEN`, or `X_CONSUMER_KEY` and `X_CONSUMER_SECRET`, in the environment or in `.env`";
        expect(await problemOf({})).to.equal(`${expected}, got none of them.`);
        expect(await problemOf({ X_CONSUMER_KEY: "k" })).to.equal(`${expected}, got only \`X_CONSUMER_KEY\`.`);
        expect(await problemOf({}, "X_CONSUMER_SECRET=s")).to.equal(`${expected}, got only \`X_CONSUMER_SECRET\`.`);
    });

    it("refuse what does not go into a header, without showing it", async () => {
        for (const token of [`Bearer ${secret}`, `${secret}\n`, `"${secret}"`, `${secret}ü`]) {
            const problem = await problemOf({ X_BEARER_TOKEN: token });
            expect(problem).to.equal("Expected `X_BEARER_TOKEN` to be ASCII without spaces and quotation marks.");
        }
    });

    it("may name a gateway for X, by https only", async () => {
        const folder = temporaryFolder();
        const read = async (url: string) =>
            (await readXSettings({ X_BEARER_TOKEN: "t", X_API_URL: url }, folder)).apiUrl;
        expect(await read("https://gateway.example:8443")).to.equal("https://gateway.example:8443");
        expect(await read("https://gateway.example/x/")).to.equal("https://gateway.example/x");
        for (const url of [
            "http://gateway.example",
            "gateway",
            `https://user:${secret}@g.example`,
            "https://g.example?a=b",
        ]) {
            const problem = await problemOf({ X_BEARER_TOKEN: "t", X_API_URL: url });
            expect(problem).to.equal("Expected `X_API_URL` to be an https address without a name, key or query.");
        }
    });

    it("tell all mistakes at once", async () => {
        expect((await problemOf({ X_API_URL: "gateway" })).split("\n")).to.have.length(2);
    });
});
