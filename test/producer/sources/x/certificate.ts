import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A key and a certificate for it that signs itself, in PEM: good for 127.0.0.1 and localhost, for a day. */
export interface SelfSigned {
    key: string;
    certificate: string;
}

const DAY_MS = 86_400_000;
/** Tags of ASN.1 (ITU-T X.690). */
const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;

/** Made anew for each run, so that no key lies in the repository and none expires. Node reads certificates, but writes none. */
export function selfSigned(now = Date.now()): SelfSigned {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const ecdsaWithSha256 = der(SEQUENCE, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
    const commonName = der(SEQUENCE, oid(0x55, 0x04, 0x03), der(UTF8_STRING, Buffer.from("X's stand-in")));
    const name = der(SEQUENCE, der(SET, commonName));
    const extensions = der(
        SEQUENCE,
        extension(oid(0x55, 0x1d, 0x13), der(SEQUENCE, der(BOOLEAN, Buffer.of(0xff)))),
        extension(
            oid(0x55, 0x1d, 0x11),
            der(SEQUENCE, der(0x82, Buffer.from("localhost")), der(0x87, Buffer.of(127, 0, 0, 1))),
        ),
    );
    // RFC 5280, 4.1: version 3, serial number, and so on.
    const body = der(
        SEQUENCE,
        der(0xa0, der(INTEGER, Buffer.of(2))),
        der(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(8)])),
        ecdsaWithSha256,
        name,
        der(SEQUENCE, time(now - DAY_MS), time(now + DAY_MS)),
        name,
        publicKey.export({ format: "der", type: "spki" }),
        der(0xa3, extensions),
    );
    const signature = bits(sign("sha256", body, privateKey));
    const certificate = der(SEQUENCE, body, ecdsaWithSha256, signature);
    return {
        key: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
        certificate: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
    };
}

function der(tag: number, ...parts: Buffer[]): Buffer {
    const content = Buffer.concat(parts);
    const { length } = content;
    const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
    return Buffer.concat([Buffer.of(tag, ...header), content]);
}

function oid(...encoded: number[]): Buffer {
    return der(OBJECT_IDENTIFIER, Buffer.of(...encoded));
}

function bits(bytes: Buffer): Buffer {
    return der(BIT_STRING, Buffer.of(0), bytes);
}

function time(milliseconds: number): Buffer {
    const digits = new Date(milliseconds).toISOString().replace(/\.\d+|[-:T]/g, "");
    return der(GENERALIZED_TIME, Buffer.from(digits));
}

function extension(identifier: Buffer, value: Buffer): Buffer {
    return der(SEQUENCE, identifier, der(OCTET_STRING, value));
}
