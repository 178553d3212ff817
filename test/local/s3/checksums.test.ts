import { expect } from "chai";
import { checkChecksums } from "../../../local/s3/checksums";

const DATA = Buffer.from("123456789");
const base64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");

/** The check values of https://reveng.sourceforge.io/crc-catalogue/, and of the hashes' definitions. */
const VALUES: Record<string, string> = {
    "x-amz-checksum-crc32": base64("cbf43926"),
    "x-amz-checksum-crc32c": base64("e3069283"),
    "x-amz-checksum-crc64nvme": base64("ae8b14860a799888"),
    "x-amz-checksum-sha1": base64("f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
    "x-amz-checksum-sha256": base64("15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
};

describe("checksums of uploads", () => {
    for (const [name, value] of Object.entries(VALUES)) {
        it(`${name} is accepted for its content, and refused for another`, () => {
            expect(checkChecksums({ [name]: value }, DATA)).to.deep.equal({ [name]: value });
            expect(() => checkChecksums({ [name]: value }, Buffer.from("123456780")))
                .to.throw()
                .with.property("code", "BadDigest");
        });
    }

    it("Content-MD5 is checked, and not kept", () => {
        const md5 = base64("25f9e794323b453885f5181f1b624d0b");
        expect(checkChecksums({ "content-md5": md5 }, DATA)).to.deep.equal({});
        expect(() => checkChecksums({ "content-md5": md5 }, Buffer.alloc(0))).to.throw(/Content-MD5/);
    });

    it("an algorithm that is not known is refused", () => {
        expect(() => checkChecksums({ "x-amz-checksum-xxhash3": "AAAA" }, DATA)).to.throw(/x-amz-checksum-xxhash3/);
    });

    it("headers about checksums are not taken for some", () => {
        expect(checkChecksums({ "x-amz-checksum-mode": "ENABLED", "x-amz-checksum-type": "X" }, DATA)).to.deep.equal(
            {},
        );
    });
});
