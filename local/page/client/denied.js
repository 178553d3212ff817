import { byId, describe, element, foreign, formatAmount, formatTime } from "./dom.js";

/** Requests that the policies refused, by who asked for what on what. */
export function showDenied(denials) {
    byId("denied").replaceChildren(...denials.map(makeEntry));
}

function makeEntry({ action, resource, principalArn, message, count, lastMs }) {
    return element(
        "li",
        { class: "entry" },
        element("b", {}, foreign(action)),
        element("span", { class: "quiet" }, `${formatAmount(count, "time")}, last at ${formatTime(lastMs)}`),
        describe([
            ["Who", principalArn],
            ["On", resource],
            ["Why", message],
        ]),
    );
}
