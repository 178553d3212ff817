import { expect } from "chai";
import { Notices, REFUSALS_SHOWN_MAX } from "../../producer/notices";

describe("notices", () => {
    it("tell of twenty refusals, then that there are more", () => {
        const lines: string[] = [];
        const notices = new Notices((line) => lines.push(line));
        for (let line = 1; line <= 1000; line += 1) notices.refused({ reason: "not a post", detail: `line ${line}` });
        expect(lines).to.have.length(REFUSALS_SHOWN_MAX + 1);
        expect(lines[0]).to.equal("Refused line 1.");
        expect(lines.at(-1)).to.equal("Further refusals are counted, and not shown.");
    });

    it("tell of each kind of trouble once, and of ten kinds at most", () => {
        const lines: string[] = [];
        const notices = new Notices();
        notices.showWith((line) => lines.push(line));
        for (let turn = 0; turn < 100; turn += 1) notices.trouble("it throttles");
        expect(lines).to.deep.equal(["Sending again, as it throttles."]);
        for (let turn = 0; turn < 100; turn += 1) notices.trouble(`fault ${turn}`);
        expect(lines).to.have.length(10);
    });
});
