/** Marks our rules in X's list, so that those of others on the same app are left alone. */
export const RULE_TAG = "pulumi-kinesis-lambda-streamprocessing";
/** What an app may have: https://docs.x.com/x-api/posts/filtered-stream/introduction */
export const RULES_MAX = 1_000;
export const RULE_CHARACTERS_MAX = 1_024;
export const TRACK_DEFAULT = "yolo";

export interface Rule {
    id: string;
    value: string;
    tag?: string;
}

/** What to do to X's list, and what it comes to. */
export interface RulesPlan {
    /** Rules to be added, with `RULE_TAG`. */
    add: string[];
    /**
     * Identifiers of rules of ours that are not wanted: of a run that could not remove them, or kept them. Or of one that goes
     * on: an app has one stream, so once that is given to this run, there is no other.
     */
    remove: string[];
    /** Identifiers of rules that are there already and wanted, also of others: X takes no rule twice. */
    present: string[];
    /** Rules of others that are not wanted here. Their posts come through the same connection, and are billed. */
    foreign: number;
}

/** The rules for `--track` and `--rule`; without either, the one for `yolo`. */
export function wantedRules(track: readonly string[], rule: readonly string[]): string[] {
    const terms = track.length === 0 && rule.length === 0 ? [TRACK_DEFAULT] : track;
    return [...new Set([...terms.map(trackRule), ...rule.map((value) => value.trim())])];
}

/**
 * A term is text, not an expression: only one word, a #hashtag, a @mention or a $cashtag goes as it is, anything else as an
 * exact phrase, in quotation marks. https://docs.x.com/x-api/posts/filtered-stream/integrate/operators
 */
function trackRule(term: string): string {
    const text = term.trim();
    const isWord = /^[#@$]?[\p{L}\p{M}\p{N}_]+$/u.test(text) && !/^(and|or|not)$/i.test(text);
    return isWord ? text : `"${text}"`;
}

/** A line per mistake. */
export function checkRules(track: readonly string[], rule: readonly string[]): string[] {
    const problems: string[] = [];
    for (const term of track) {
        if (term.trim() === "" || term.includes('"')) {
            problems.push(`Expected \`--track\` to be text without quotation marks, got '${term}'; see \`--rule\`.`);
        }
    }
    if (rule.some((value) => value.trim() === "")) problems.push("Expected `--rule` to be a rule of X, got spaces.");
    const rules = wantedRules(track, rule);
    if (rules.length > RULES_MAX) {
        problems.push(`Expected at most ${RULES_MAX} of \`--track\` and \`--rule\`, got ${rules.length}.`);
    }
    for (const { length } of rules.map((value) => Array.from(value))) {
        if (length <= RULE_CHARACTERS_MAX) continue;
        problems.push(
            `Expected \`--track\` or \`--rule\` to have at most ${RULE_CHARACTERS_MAX} characters, got ${length}.`,
        );
    }
    return problems;
}

/**
 * Identifiers of the rules that a run removes at its end, found by their tag: also of those that X added without our hearing of
 * it.
 *
 * @param foundBefore identifiers of the rules that were there when it began: if X never gave it the stream (`hadStream`), another
 *   run may live on those
 */
export function ownRules(
    existing: readonly Rule[],
    wanted: readonly string[],
    foundBefore: ReadonlySet<string>,
    hadStream: boolean,
): string[] {
    const values = new Set(wanted);
    return existing
        .filter(({ value, tag }) => tag === RULE_TAG && values.has(value))
        .map(({ id }) => id)
        .filter((id) => hadStream || !foundBefore.has(id));
}

/** What brings X's list to what is wanted. */
export function planRules(existing: readonly Rule[], wanted: readonly string[]): RulesPlan {
    const values = new Set(wanted);
    const found = new Set<string>();
    const plan: RulesPlan = { add: [], remove: [], present: [], foreign: 0 };
    for (const { id, value, tag } of existing) {
        if (values.has(value)) {
            plan.present.push(id);
            found.add(value);
        } else if (tag === RULE_TAG) plan.remove.push(id);
        else plan.foreign += 1;
    }
    plan.add = wanted.filter((value) => !found.has(value));
    return plan;
}
