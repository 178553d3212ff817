import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure, UsageError } from "../../commandline/failure";
import { claim } from "../../local/claim";
import { removeTemporaryFolders, temporaryFolder } from "../temporary-folder";

describe("the claim on .local", () => {
    after(removeTemporaryFolders);

    it("is refused while another process has it", () => {
        const folder = temporaryFolder({ pid: `${process.ppid}\n` });
        expect(() => claim(folder)).to.throw(UsageError, `process ${process.ppid}`);
    });

    it("is taken over from a process that is gone, or from a file that makes no sense", () => {
        const { pid } = spawnSync(process.execPath, ["--eval", ""]);
        for (const left of [`${pid}\n`, "", "none"]) {
            const folder = temporaryFolder({ pid: left });
            claim(folder);
            expect(readFileSync(path.join(folder, "pid"), "utf8")).to.equal(`${process.pid}\n`);
        }
    });

    it("is explained where there can be no such folder", () => {
        const folder = path.join(temporaryFolder({ file: "" }), "file", ".local");
        expect(() => claim(folder)).to.throw(Failure, /^Expected `.*\.local` to be a folder of your own: ENOTDIR: /);
    });

    it("can be given back when somebody has removed the folder", () => {
        const folder = path.join(temporaryFolder(), ".local");
        const release = claim(folder);
        rmSync(folder, { recursive: true });
        release();
        expect(existsSync(folder)).to.equal(false);
    });

    it("is gone after it was given back", () => {
        const folder = path.join(temporaryFolder(), ".local");
        const release = claim(folder);
        writeFileSync(path.join(folder, "env"), "");
        release();
        expect(existsSync(path.join(folder, "pid"))).to.equal(false);
    });
});
