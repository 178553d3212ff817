import { expect } from "chai";
import { readSettings } from "../../consumer/settings";

describe("the function's environment", () => {
    it("names the table and the bucket", () => {
        const environment = { EVENT_DATA_TABLE: "dev-EventData", FAILED_EVENTS_BUCKET: "dev-failed", PATH: "/bin" };
        expect(readSettings(environment)).to.deep.equal({
            tableName: "dev-EventData",
            bucketName: "dev-failed",
            ttlDays: 0,
        });
    });

    it("says how many days a post is kept", () => {
        const environment = { EVENT_DATA_TABLE: "t", FAILED_EVENTS_BUCKET: "b" };
        expect(readSettings({ ...environment, TTL_DAYS: "90" }).ttlDays).to.equal(90);
        for (const days of ["", "-1", "1.5", "many"]) {
            expect(() => readSettings({ ...environment, TTL_DAYS: days }), days).to.throw(
                /^Expected TTL_DAYS to be the whole/,
            );
        }
    });

    it("is refused with everything that is missing or empty in one error", () => {
        expect(() => readSettings({ FAILED_EVENTS_BUCKET: "" })).to.throw(
            /^Expected EVENT_DATA_TABLE to be the name .*; Expected FAILED_EVENTS_BUCKET to be the name /,
        );
    });

    it("is refused with the one that is missing", () => {
        expect(() => readSettings({ EVENT_DATA_TABLE: "dev-EventData" })).to.throw(/^Expected FAILED_EVENTS_BUCKET/);
    });
});
