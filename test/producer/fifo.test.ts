import { expect } from "chai";
import { Fifo, type Linked } from "../../producer/fifo";

interface Item extends Linked<Item> {
    name: string;
}

const item = (name: string): Item => ({ name, next: undefined });

describe("a queue", () => {
    it("gives back in order, also after it was empty", () => {
        const queue = new Fifo<Item>();
        expect(queue.shift()).to.be.undefined;
        for (const names of [["a", "b", "c"], ["d"]]) {
            for (const name of names) queue.push(item(name));
            expect(queue.length).to.equal(names.length);
            expect(queue.first?.name).to.equal(names[0]);
            expect(names.map(() => queue.shift()?.name)).to.deep.equal(names);
            expect(queue.length).to.equal(0);
            expect(queue.first).to.be.undefined;
        }
    });

    it("lets go of what it gave back, so that it can be queued again", () => {
        const queue = new Fifo<Item>();
        queue.push(item("a"));
        queue.push(item("b"));
        const first = queue.shift()!;
        expect(first.next).to.be.undefined;
        queue.push(first);
        expect([queue.shift()?.name, queue.shift()?.name, queue.shift()]).to.deep.equal(["b", "a", undefined]);
    });
});
