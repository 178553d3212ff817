import { byId, describe, element, foreign } from "./dom.js";

/** @returns false while the deployment is not complete */
export function showResources(resources) {
    byId("resources").replaceChildren(...resources.map(makeResource));
    return resources.length > 0;
}

function makeResource({ name, type, id, recordedOnly, properties, policies }) {
    const summary = element("summary", {}, element("b", {}, type.split(":").at(-1)), " ", foreign(name));
    if (policies.length > 0) summary.append(element("span", { class: "tag" }, "policy"));
    if (recordedOnly)
        summary.append(
            element("span", { class: "tag", title: "It has nothing to do on one machine." }, "recorded only"),
        );
    const documents = policies.flatMap(([label, document]) => [
        element("h3", {}, label),
        foreign(document, "pre", { class: "payload" }),
    ]);
    return element(
        "li",
        {},
        element(
            "details",
            { class: "entry" },
            summary,
            ...documents,
            describe([["id", id], ["type", type], ...properties]),
        ),
    );
}
