/* global document, getComputedStyle */
// Run by the browser, as text: see browser.test.ts. Each line of an answer is one thing that is wrong.

/** Whatever can be used and has no name for those who do not see it. */
export function namelessElements() {
    return Array.from(document.querySelectorAll("button, a, input, section, [role=region], [role=meter]"))
        .filter((each) => {
            const label = each.getAttribute("aria-label") ?? each.getAttribute("aria-labelledby");
            const text = each.matches("input") ? each.closest("label")?.textContent : each.textContent;
            return !label && (each.matches("section") || !text?.trim());
        })
        .map((each) => each.outerHTML);
}

/** What the colours give one upon the other. */
function luminanceOf(colors) {
    const canvas = document.createElement("canvas").getContext("2d");
    for (const color of colors) {
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = Array.from(canvas.getImageData(0, 0, 1, 1).data)
        .map((each) => each / 255)
        .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrastOf(one, other) {
    const [a, b] = [luminanceOf(one), luminanceOf(other)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** The colours of an element and of all that it lies upon, the lowest first. */
function layersOf(element) {
    const colors = [];
    for (let at = element; at !== null; at = at.parentElement) colors.unshift(getComputedStyle(at).backgroundColor);
    return colors;
}

/** The outlines of inputs and bars with less contrast to what is around them than WCAG 2.2 (1.4.11, AA) asks for. */
export function faintEdges() {
    const edges = [
        ...Array.from(document.querySelectorAll("input"), (each) => [each, getComputedStyle(each).borderTopColor]),
        ...Array.from(document.querySelectorAll(".meter"), (each) => [
            each,
            getComputedStyle(each).boxShadow.match(/rgba?\([^)]*\)/)[0],
        ]),
    ];
    return edges
        .map(([each, color]) => {
            const around = layersOf(each.parentElement);
            return [contrastOf([...around, color], around), each];
        })
        .filter(([ratio]) => ratio < 3)
        .map(([ratio, each]) => `${ratio.toFixed(2)} ${each.outerHTML}`);
}

/** Text with less contrast to what is behind it than WCAG 2.2 (1.4.3, AA) asks for. */
export function poorContrasts() {
    const poor = [];
    for (const element of document.querySelectorAll("body *")) {
        const hasText = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!hasText || !element.checkVisibility() || element.matches(".unseen, .skip, .is-new *")) continue;
        const ground = layersOf(element);
        const ratio = contrastOf([...ground, getComputedStyle(element).color], ground);
        if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${element.tagName} ${element.textContent.slice(0, 30)}`);
    }
    return poor;
}
