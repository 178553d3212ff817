import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TaskFolder, taskFolderBase } from "../../../local/lambda/task-folder";

describe("the folder of functions", () => {
    it("is named for its process, and takes away what one that was killed has left", () => {
        const { pid } = spawnSync(process.execPath, ["--eval", ""]);
        const left = join(taskFolderBase(), `lambda-${pid}-aaaaaa`);
        mkdirSync(join(left, "task", "function-1"), { recursive: true });
        chmodSync(join(left, "task", "function-1"), 0o555);
        const folder = new TaskFolder();
        expect(folder.root).to.include(`lambda-${process.pid}-`);
        expect(existsSync(left)).to.equal(false);
        const other = new TaskFolder();
        expect(existsSync(folder.root)).to.equal(true);
        for (const each of [folder, other]) each.remove();
        expect(existsSync(folder.root)).to.equal(false);
    });

    it("leaves alone what a process of another user has left", function () {
        // Only the superuser can give a folder away.
        if (process.getuid?.() !== 0) this.skip();
        const { pid } = spawnSync(process.execPath, ["--eval", ""]);
        const left = join(taskFolderBase(), `lambda-${pid}-bbbbbb`);
        mkdirSync(left, { mode: 0o700 });
        chownSync(left, 65_534, 65_534);
        try {
            new TaskFolder().remove();
            expect(existsSync(left)).to.equal(true);
        } finally {
            rmSync(left, { recursive: true });
        }
    });
});
