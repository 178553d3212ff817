import { expect } from "chai";
import { RULE_TAG } from "../../../../producer/sources/x/rules";
import { RunRules } from "../../../../producer/sources/x/run-rules";
import { VirtualTime } from "../../virtual-time";
import { RecordingContext } from "./recording-context";
import { ScriptedApi } from "./scripted-api";

describe("the rules of one run of X's stream", () => {
    let api: ScriptedApi;
    let context: RecordingContext;
    let time: VirtualTime;
    let rules: RunRules;

    beforeEach(() => {
        api = new ScriptedApi();
        context = new RecordingContext();
        time = new VirtualTime();
        rules = new RunRules(api, ["yolo"], context, time.surroundings(() => 0).after);
    });
    afterEach(() => expect(time.pending, "timers left").to.equal(0));

    it("are known in the posts that they match, by number, or by our tag where X sends a number of JSON", async () => {
        api.list.push({ id: "theirs", value: "cats" });
        expect(await rules.bring()).to.equal(1);
        const own = api.list.at(-1)!.id;
        const match = (...matching: unknown[]) => rules.match({ matching_rules: matching });
        expect([
            match({ id: own }),
            match({ id: "theirs" }, { id: own }),
            match({ id: 1, tag: RULE_TAG }),
        ]).to.deep.equal([true, true, true]);
        expect([match({ id: "theirs" }), match({ id: 1, tag: "theirs" }), match(null), match()]).to.deep.equal([
            false,
            false,
            false,
            false,
        ]);
        // X says so of every post; if it does not, the post is one too many rather than one too few.
        expect(rules.match({})).to.be.true;
    });

    it("leave those of an earlier run until the stream is given to this one, and then remove them once", async () => {
        api.list.push({ id: "a", value: "old", tag: RULE_TAG });
        await rules.bring();
        expect(api.edits).to.deep.equal(["+yolo"]);
        rules.connected();
        rules.connected();
        await time.run(rules.leave(true));
        expect(api.edits).to.deep.equal(["+yolo", "-a"]);
    });

    it("are removed also when X has added them without our hearing of it", async () => {
        const lost = { kind: "network", reason: "the answer was cut off" } as const;
        const addRules = api.addRules.bind(api);
        api.addRules = async (...parameters) => {
            await addRules(...parameters);
            api.faults.push(lost);
            return addRules(...parameters);
        };
        await rules.bring().catch(() => undefined);
        expect(api.list).to.have.length(1);
        await time.run(rules.leave(false));
        expect(api.list).to.be.empty;
    });

    it("are nobody's if they were never brought", async () => {
        api.list.push({ id: "a", value: "yolo", tag: RULE_TAG });
        api.faults.push({ kind: "network", reason: "no route" });
        await rules.bring().catch(() => undefined);
        await time.run(rules.leave(false));
        expect(api.edits).to.be.empty;
    });

    it("are tried to be removed three times, unless X refuses", async () => {
        await rules.bring();
        api.faults.push(...Array.from({ length: 4 }, () => ({ kind: "http", reason: "X answered 503" }) as const));
        await time.run(rules.leave(false));
        expect(api.faults).to.have.length(1);
        api.faults.splice(0, 1, { kind: "refused", reason: "X answered 401" }, { kind: "http", reason: "503" });
        await time.run(rules.leave(false));
        expect(api.faults).to.have.length(1);
        expect(context.notices).to.deep.equal([
            "The rules are still at X, which the next run repairs: X answered 503.",
            "The rules are still at X, which the next run repairs: X answered 401.",
        ]);
    });
});
