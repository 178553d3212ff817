import { expect } from "chai";
import { Notices, REFUSALS_SHOWN_MAX, TROUBLES_MS } from "../../producer/notices";

describe("notices", () => {
    it("tell of twenty refusals, then that there are more", () => {
        const lines: string[] = [];
        const notices = new Notices((line) => lines.push(line));
        for (let line = 1; line <= 1000; line += 1) notices.refused({ reason: "not a post", detail: `line ${line}` });
        expect(lines).to.have.length(REFUSALS_SHOWN_MAX + 1);
        expect(lines[0]).to.equal("Refused line 1.");
        expect(lines.at(-1)).to.equal("Further refusals are counted, and not shown.");
    });

    it("tell of each kind of trouble once in ten minutes, and of ten kinds at most", () => {
        const lines: string[] = [];
        let now = 0;
        const notices = new Notices(undefined, () => now);
        notices.showWith((line) => lines.push(line));
        for (let turn = 0; turn < 100; turn += 1) notices.trouble("it throttles");
        expect(lines).to.deep.equal(["Sending again, as it throttles."]);
        for (let turn = 0; turn < 100; turn += 1) notices.trouble(`fault ${turn}`);
        expect(lines).to.have.length(10);
        now = TROUBLES_MS - 1;
        notices.trouble("fault 1000");
        expect(lines).to.have.length(10);
        // An outage on the third day is worth a line, also if there was one like it on the first.
        now += 1;
        for (let turn = 0; turn < 100; turn += 1) notices.trouble("it throttles");
        expect(lines.slice(10)).to.deep.equal(["Sending again, as it throttles."]);
    });
});
