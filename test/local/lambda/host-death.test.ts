import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { taskFolderBase } from "../../../local/lambda/task-folder";
import { removeTemporaryFolders, temporaryFolder } from "../../temporary-folder";
import { Rendezvous } from "./fixture";

const PROJECT = resolve(__dirname, "../../..");

describe("execution environments whose host ends", () => {
    let rendezvous: Rendezvous;
    let host: ChildProcess | undefined;
    let temporary: string;

    beforeEach(async () => {
        rendezvous = await Rendezvous.start();
        // A host that is killed leaves its folder to the next one.
        temporary = temporaryFolder({}, taskFolderBase());
    });

    afterEach(async () => {
        host?.kill("SIGKILL");
        await rendezvous.stop();
    });

    after(removeTemporaryFolders);

    function startHost(manner: string): ChildProcess {
        const loader = join(PROJECT, "commandline/typescript.cjs");
        const script = join(__dirname, "host-process.ts");
        host = spawn(process.execPath, ["--require", loader, script, String(rendezvous.port), manner], {
            env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
            stdio: ["ignore", "ignore", "inherit"],
        });
        return host;
    }

    const foldersOf = ({ pid }: ChildProcess) =>
        readdirSync(temporary).filter((name) => name.startsWith(`lambda-${pid}-`));

    for (const { named, manner } of [
        { named: "while they wait for work", manner: "idle" },
        { named: "while a handler never gives up the processor", manner: "spin" },
    ]) {
        it(`without a chance to clean up end too, ${named}`, async () => {
            const process = startHost(manner);
            const socket = await rendezvous.next();
            process.kill("SIGKILL");
            await Rendezvous.ended(socket);
        });
    }

    it("by process.exit end with it, and leave no file", async () => {
        const process = startHost("exit");
        const exited = new Promise((done) => process.once("exit", done));
        const socket = await rendezvous.next();
        expect(foldersOf(process)).to.have.lengthOf(1);
        process.kill("SIGTERM");
        await Rendezvous.ended(socket);
        await exited;
        expect(foldersOf(process)).to.deep.equal([]);
    });
});
