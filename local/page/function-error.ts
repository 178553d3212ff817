/**
 * What Lambda answers for a function that failed, in one line: `TypeError: Cannot read …`.
 * @param payload `{"errorType","errorMessage"}` as JSON text; anything else is passed on as it is
 */
export function functionErrorText(payload: string): string {
    try {
        const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: unknown; errorMessage?: unknown };
        const parts = [errorType, errorMessage].filter((each) => typeof each === "string" && each !== "");
        if (parts.length > 0) return parts.join(": ");
    } catch {
        // A runtime of somebody's own may answer with any text.
    }
    return payload;
}
