import { createHash, createHmac } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { type ChunkSigning, decodeAwsChunked } from "../../../local/front-door/aws-chunked";

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

function encode(chunks: readonly Uint8Array[], trailers: string, sign?: (data: Uint8Array) => string): Buffer {
    const parts = [...chunks, new Uint8Array()].flatMap((data) => [
        Buffer.from(`${data.length.toString(16)}${sign ? `;chunk-signature=${sign(data)}` : ""}\r\n`),
        data,
        Buffer.from(data.length === 0 ? trailers : "\r\n"),
    ]);
    return Buffer.concat(parts);
}

const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 });

describe("aws-chunked encoding", () => {
    it("gives back what was encoded, with its trailers", () => {
        fc.assert(
            fc.property(chunks, (data) => {
                const encoded = encode(data, "x-amz-checksum-crc32:AAAAAA==\r\n\r\n");
                const { body, trailers } = decodeAwsChunked(encoded);
                expect(body.equals(Buffer.concat(data))).to.equal(true);
                expect(trailers).to.deep.equal({ "x-amz-checksum-crc32": "AAAAAA==" });
            }),
        );
    });

    it("cut off anywhere before the last chunk is refused", () => {
        const encoded = encode([Buffer.from("hello"), Buffer.from("world")], "\r\n");
        for (let length = 0; length < encoded.length - 5; length++) {
            expect(() => decodeAwsChunked(encoded.subarray(0, length)), String(length))
                .to.throw()
                .with.property("code", "IncompleteBody");
        }
    });

    for (const text of ["x\r\n", "5\r\nhelloXX0\r\n\r\n", "-1\r\n", "fffffffff\r\n", "\r\n"]) {
        it(`is refused with ${JSON.stringify(text)}`, () => {
            expect(() => decodeAwsChunked(Buffer.from(text)))
                .to.throw()
                .with.property("code", "IncompleteBody");
        });
    }

    /** The example of the documentation of S3, "Signature calculation: transfer payload in multiple chunks". */
    describe("signed", () => {
        const key = ["20130524", "us-east-1", "s3", "aws4_request"].reduce(
            (secret, part) => createHmac("sha256", secret).update(part).digest(),
            Buffer.from("AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        );
        const signing: ChunkSigning = {
            key,
            dateTime: "20130524T000000Z",
            scope: "20130524/us-east-1/s3/aws4_request",
            seed: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        };
        const signatures = [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ];
        const data = [Buffer.alloc(65_536, "a"), Buffer.alloc(1_024, "a")];
        const encodeSigned = (list: readonly string[], trailers = "\r\n"): Buffer => {
            const left = [...list];
            return encode(data, trailers, () => left.shift() ?? "");
        };

        it("as in the documentation is accepted", () => {
            expect(decodeAwsChunked(encodeSigned(signatures), signing).body).to.have.lengthOf(66_560);
        });

        it("with chunks in another order, or without a signature, is refused", () => {
            const swapped = [signatures[1]!, signatures[0]!, signatures[2]!];
            for (const encoded of [encodeSigned(swapped), encode(data, "\r\n")]) {
                expect(() => decodeAwsChunked(encoded, signing))
                    .to.throw()
                    .with.property("code", "SignatureDoesNotMatch");
            }
        });

        it("with a trailer is accepted only if that is signed as well", () => {
            const text = [
                "AWS4-HMAC-SHA256-TRAILER",
                signing.dateTime,
                signing.scope,
                signatures[2],
                sha256("x-a:b\n"),
            ];
            const signature = createHmac("sha256", key).update(text.join("\n")).digest("hex");
            const signed = encodeSigned(signatures, `x-a:b\r\nx-amz-trailer-signature:${signature}\r\n\r\n`);
            expect(decodeAwsChunked(signed, signing).trailers).to.deep.equal({ "x-a": "b" });
            const changed = encodeSigned(signatures, `x-a:c\r\nx-amz-trailer-signature:${signature}\r\n\r\n`);
            for (const encoded of [changed, encodeSigned(signatures, "x-a:b\r\n\r\n")]) {
                expect(() => decodeAwsChunked(encoded, signing))
                    .to.throw()
                    .with.property("code", "SignatureDoesNotMatch");
            }
        });
    });
});
