import { expect } from "chai";
import { runInNewContext } from "node:vm";
import { checkTerms, tracker } from "../../../../producer/sources/bluesky/track";

const matches = (term: string, text: string) => tracker([term])(text);

describe("the terms of --track on Bluesky", () => {
    it("let everything pass when there are none", () => {
        expect(tracker([])("")).to.be.true;
    });

    for (const text of [
        "yolo",
        "YOLO!",
        "#YoLo",
        "@yolo.example",
        "(yolo)",
        "so:yolo",
        "yolo's",
        "one\nyolo\ntwo",
        "🔥yolo🔥",
        "ｙｏｌｏ",
    ]) {
        it(`find the word in ${JSON.stringify(text)}`, () => expect(matches("yolo", text)).to.be.true);
    }

    for (const text of ["", "yolonda", "cryolol", "yolo_2", "yolo2", "yoló", "yo lo"]) {
        it(`do not find the word in ${JSON.stringify(text)}`, () => expect(matches("yolo", text)).to.be.false);
    }

    it("find a post with any of several terms", () => {
        const found = tracker(["yolo", "ada"]);
        expect(["Ada!", "yolo", "neither"].map(found)).to.deep.equal([true, true, false]);
    });

    it("find the words of a term in a row, whatever stands between them", () => {
        expect(matches("ada  lovelace", "By Ada\nLovelace.")).to.be.true;
        expect(matches("ada lovelace", "ada-lovelace")).to.be.true;
        expect(matches("ada lovelace", "lovelace, ada")).to.be.false;
        expect(matches("ada lovelace", "ada and lovelace")).to.be.false;
    });

    it("take a mark literally", () => {
        expect(matches("#yolo", "yolo")).to.be.false;
        expect(matches("#yolo", "so #YOLO")).to.be.true;
        expect(matches("c++", "I like C++, and C")).to.be.true;
        expect(matches("c++", "ccc")).to.be.false;
        expect(matches("a.b", "axb")).to.be.false;
        expect(matches("[x]|-^$\\/{}()?*", "[x]|-^$\\/{}()?*")).to.be.true;
    });

    it("ignore case and composition in all alphabets", () => {
        expect(matches("привет", "ПРИВЕТ, мир")).to.be.true;
        expect(matches("ΟΔΟΣ", "οδος")).to.be.true;
        expect(matches("café", "CAFE\u0301")).to.be.true;
        expect(matches("cafe", "café")).to.be.false;
    });

    it("are found within what is written around them where words have no spaces", () => {
        expect(matches("処理", "流処理は面白い")).to.be.true;
        expect(matches("욜로", "욜로를")).to.be.true;
        expect(matches("สวัสดี", "สวัสดีครับ")).to.be.true;
        expect(matches("yolo日本", "xyolo日本")).to.be.false;
    });

    it("find an emoji beside letters", () => {
        expect(matches("🔥", "hot🔥hot")).to.be.true;
    });

    it("take no time with a long text of marks", () => {
        const find = () => matches("a b", `a ${"-".repeat(1_000_000)}`);
        // It is 4 ms, or, where the time grows with the square of the marks, 20 minutes: the limit spares us these.
        expect(runInNewContext("find()", { find }, { timeout: 60_000 })).to.be.false;
    });

    it("are refused when there is no word in them, or a quotation mark", () => {
        expect(checkTerms(["yolo", " ", 'a "b"'])).to.deep.equal([
            "Expected `--track` to be text without quotation marks, got ' '.",
            "Expected `--track` to be text without quotation marks, got 'a \"b\"'.",
        ]);
    });
});
