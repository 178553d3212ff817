/**
 * A host for the tests of its death: runs a function that connects to the port of the argument, and then, as the second
 * argument says, waits, spins, or has the host exit.
 */
import { LambdaService } from "../../../local/lambda/service";
import { configure } from "./fixture";

const [port = "", manner = ""] = process.argv.slice(2);

const code = `
    const net = require("node:net");
    exports.handler = async () => {
        await new Promise((resolve) => net.connect(${port}, "127.0.0.1", function () { this.write("here", resolve); }));
        if (${JSON.stringify(manner)} !== "idle") for (;;);
    };`;

async function main(): Promise<void> {
    const service = new LambdaService();
    await service.createFunction(configure(code));
    if (manner === "exit") {
        process.once("SIGTERM", () => process.exit(0));
    }
    await service.invoke("processor", "{}");
}

main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
