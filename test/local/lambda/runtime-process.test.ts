import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeApi } from "../../../local/lambda/runtime-api";
import { RuntimeProcess, type ProcessEnd } from "../../../local/lambda/runtime-process";

const BOOTSTRAP = join(__dirname, "../../../local/lambda/bootstrap.cjs");

describe("runtime process", () => {
    let folder: string;

    const options = () => ({
        memorySizeMb: 128,
        bootstrap: BOOTSTRAP,
        taskRoot: folder,
        sandbox: undefined,
        shown: { folder, at: folder },
        logStreamName: `2026/11/23/[$LATEST]${folder}`,
        onLine: () => undefined,
    });

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "runtime-process-"));
        writeFileSync(join(folder, "index.js"), "exports.handler = async () => {};");
    });

    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("ends when its Runtime API is gone", async () => {
        const ignore = (): void => undefined;
        let onNext = ignore;
        const asked = new Promise<void>((resolve) => {
            onNext = resolve;
        });
        const api = await RuntimeApi.start({
            onNext: () => onNext(),
            onResponse: ignore,
            onResponseTooLarge: ignore,
            onError: ignore,
            onInitError: ignore,
            currentRequestId: () => undefined,
        });
        const ended = new Promise<ProcessEnd>((resolve) => {
            new RuntimeProcess({
                ...options(),
                environment: {
                    _HANDLER: "index.handler",
                    LAMBDA_TASK_ROOT: folder,
                    AWS_LAMBDA_RUNTIME_API: api.address,
                },
                onClosed: resolve,
            });
        });
        await asked;
        api.close();
        expect(await ended).to.deep.equal({ kind: "exited", code: 1, signal: null });
    });

    it("that cannot be started says so", async () => {
        const end = await new Promise<ProcessEnd>((resolve) => {
            new RuntimeProcess({
                ...options(),
                taskRoot: join(folder, "absent"),
                environment: {},
                onClosed: resolve,
            });
        });
        expect(end.kind).to.equal("not started");
    });
});
