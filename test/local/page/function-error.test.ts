import { expect } from "chai";
import { functionErrorText } from "../../../local/page/function-error";

describe("the error of a function in one line", () => {
    for (const [payload, expected] of [
        ['{"errorType":"TypeError","errorMessage":"no x","trace":[]}', "TypeError: no x"],
        ['{"errorMessage":"Task timed out"}', "Task timed out"],
        ['{"errorType":"Error","errorMessage":""}', "Error"],
        ['{"errorType":7}', '{"errorType":7}'],
        ["null", "null"],
        ["no JSON", "no JSON"],
        ["", ""],
    ] as const) {
        it(`is, for ${payload === "" ? "nothing" : payload}, ${expected === "" ? "nothing" : expected}`, () => {
            expect(functionErrorText(payload)).to.equal(expected);
        });
    }
});
