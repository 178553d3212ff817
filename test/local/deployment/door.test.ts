import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect } from "chai";
import { openDoor, type Door } from "../../../local/deployment/door";

describe("the door of the deployment's services", () => {
    let door: Door;
    const clients: Socket[] = [];

    beforeEach(async () => {
        door = await openDoor();
    });

    afterEach(async () => {
        clients.splice(0).forEach((client) => client.destroy());
        await door.close();
    });

    async function enter(): Promise<Socket> {
        const [host, port] = door.address.split(":");
        const client = connect({ host: host!, port: Number(port) });
        clients.push(client);
        await once(client, "connect");
        return client;
    }

    function greet(): Promise<void> {
        return new Promise((resolve) =>
            door.onConnection((socket) => {
                socket.end("welcome");
                resolve();
            }),
        );
    }

    it("lets in who comes before anybody serves", async () => {
        const client = await enter();
        await greet();
        expect(String((await once(client, "data"))[0])).to.equal("welcome");
    });

    it("lets in who comes later", async () => {
        const greeted = greet();
        const client = await enter();
        await greeted;
        expect(String((await once(client, "data"))[0])).to.equal("welcome");
    });

    it("cuts off who is in when it closes, and lets nobody in any more", async () => {
        const client = await enter();
        client.resume();
        // A connection that is cut may be reset.
        client.on("error", () => undefined);
        const closed = once(client, "close");
        await door.close();
        await closed;
        const refused = await enter().catch((error: unknown) => error);
        expect(refused).to.have.property("code", "ECONNREFUSED");
        door = await openDoor();
    });
});
