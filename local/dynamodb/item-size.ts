import type { Item } from "./dynalite";

type Value = Item[string];

/** What a list or a map takes beside its contents, and each of its elements. */
const COLLECTION_BYTES = 3;
const ELEMENT_BYTES = 1;

/**
 * The size of an item as DynamoDB counts it, in bytes: names and texts in UTF-8.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: Item): number {
    let bytes = 0;
    for (const name in item) {
        bytes += Buffer.byteLength(name) + valueBytes(item[name] ?? {});
    }
    return bytes;
}

function valueBytes(value: Value): number {
    const { S: text } = value;
    if (typeof text === "string") {
        return Buffer.byteLength(text);
    }
    const [[type, content] = ["", undefined]] = Object.entries(value);
    switch (type) {
        case "N":
            return numberBytes(String(content));
        case "B":
            return Buffer.byteLength(String(content), "base64");
        case "SS":
            return sum(content as string[], (one) => Buffer.byteLength(one));
        case "NS":
            return sum(content as string[], numberBytes);
        case "BS":
            return sum(content as string[], (one) => Buffer.byteLength(one, "base64"));
        case "L":
            return COLLECTION_BYTES + sum(content as Value[], (one) => ELEMENT_BYTES + valueBytes(one));
        case "M": {
            const elements = content as Item;
            return COLLECTION_BYTES + ELEMENT_BYTES * Object.keys(elements).length + itemBytes(elements);
        }
        default:
            // Null and Boolean.
            return 1;
    }
}

/** "Approximately … 1 byte per two significant digits, and 1 byte": leading and trailing zeroes do not count. */
function numberBytes(text: string): number {
    const digits = text
        .replace(/e.*$/i, "")
        .replace(/\D/g, "")
        .replace(/^0+|0+$/g, "");
    return Math.ceil(digits.length / 2) + 1;
}

function sum<Element>(elements: readonly Element[], size: (element: Element) => number): number {
    return elements.reduce((bytes, element) => bytes + size(element), 0);
}
