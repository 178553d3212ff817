import { expect } from "chai";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Bell } from "../../producer/bell";

describe("a bell", () => {
    it("wakes whoever waits, once per ring", async () => {
        const bell = new Bell();
        const heard: number[] = [];
        const first = bell.rung().then(() => heard.push(1));
        await nextTurn();
        expect(heard).to.deep.equal([]);
        bell.ring();
        await first;
        const second = bell.rung().then(() => heard.push(2));
        await nextTurn();
        expect(heard).to.deep.equal([1]);
        bell.ring();
        await second;
    });

    it("keeps a ring that nobody heard, and several as one", async () => {
        const bell = new Bell();
        bell.ring();
        bell.ring();
        await bell.rung();
        let heard = false;
        const again = bell.rung().then(() => (heard = true));
        await nextTurn();
        expect(heard).to.be.false;
        bell.ring();
        await again;
    });
});
