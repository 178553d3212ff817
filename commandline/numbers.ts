/** `12345` is `12,345`, in every locale: the output is read by people and by scripts. Intl takes 12 ms to load. */
export function formatCount(count: number): string {
    return Math.round(count)
        .toString()
        .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 post`, `1,000 posts`; for a plural without `s`, pass it: `formatAmount(2, "batch", "batches")`. */
export function formatAmount(count: number, singular: string, plural = `${singular}s`): string {
    return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** Three significant digits where they matter: `0.42 s`, `12.3 s`, `345 s`. */
export function formatSeconds(seconds: number): string {
    return `${seconds.toFixed(seconds < 10 ? 2 : seconds < 100 ? 1 : 0)} s`;
}

/** Amount per second, 0 when no time has passed. Rounded to whole units from 10 a second up. */
export function perSecond(amount: number, seconds: number): number {
    if (seconds <= 0) return 0;
    const rate = amount / seconds;
    return rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate);
}
