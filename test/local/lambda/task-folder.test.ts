import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
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
});
