import { expect } from "chai";
import { UsageError } from "../../commandline/failure";
import { explainPortError } from "../../local/port-error";

function systemError(code: string, syscall: string): Error {
    return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}

describe("a port on which nothing can listen", () => {
    const use = { port: 80, option: "--port" };

    for (const [code, message] of [
        [
            "EADDRINUSE",
            "Expected port 80 of 127.0.0.1 to be free: another program listens on it. Choose another one with `--port N`.",
        ],
        [
            "EACCES",
            "Expected port 80 of 127.0.0.1 to be one that you may listen on: those below 1024 often need the superuser's rights. " +
                "Choose another one with `--port N`.",
        ],
    ] as const) {
        it(`because of ${code} is a mistake of the user`, () => {
            const explained = explainPortError(systemError(code, "listen"), use);
            expect(explained).to.be.instanceOf(UsageError).with.property("message", message);
        });
    }

    it("is not meant where a file or an address is the trouble", () => {
        for (const error of [
            systemError("EACCES", "open"),
            systemError("EADDRNOTAVAIL", "listen"),
            new Error("other"),
        ]) {
            expect(explainPortError(error, use)).to.equal(error);
        }
    });
});
