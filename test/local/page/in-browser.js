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

/** Text with less contrast to what is behind it than WCAG 2.2 (1.4.3, AA) asks for. */
export function poorContrasts() {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const luminanceOf = (colors) => {
        for (const color of colors) {
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
        }
        const [red, green, blue] = Array.from(canvas.getImageData(0, 0, 1, 1).data)
            .map((each) => each / 255)
            .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element) => {
        const colors = [];
        for (let at = element; at !== null; at = at.parentElement) {
            colors.unshift(getComputedStyle(at).backgroundColor);
        }
        return colors;
    };
    const poor = [];
    for (const element of document.querySelectorAll("body *")) {
        const hasText = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!hasText || !element.checkVisibility() || element.matches(".unseen, .skip, .is-new *")) continue;
        const ground = behind(element);
        const [text, back] = [luminanceOf([...ground, getComputedStyle(element).color]), luminanceOf(ground)];
        const ratio = (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
        if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${element.tagName} ${element.textContent.slice(0, 30)}`);
    }
    return poor;
}
