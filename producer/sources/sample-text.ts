/** X's limit for a long post. Counted in UTF-16 units here, so that no way of counting sees more. */
export const MESSAGE_LENGTH_MAX = 4_000;

/** What a pipeline is likely to break, beside what it is likely to be made of. Posts are put together of these. */
const PHRASES = [
    "Just shipped it.",
    "Coffee first, questions later.",
    "Is anyone else seeing this?",
    "The trains are late again, so here is a thread about queues.",
    "A stream is a table in motion; a table is a stream at rest.",
    "Reading the manual turned out to be quicker than not reading the manual.",
    "yolo",
    "#yolo https://example.com/a?b=c&d=%20e",
    "Thanks @everyone for the kind words!",
    "Three things I learned about back-pressure this week, and one that I would rather forget.",
    "It was the best of shards, it was the worst of shards.",
    "Good morning from the night shift.",
    "100% sure, give or take 50%.",
    "Naïve café, piñata, Zürich, Ærøskøbing, Łódź.",
    "🔥🔥🔥",
    "😀 so happy 🎉",
    // Sequences joined by zero-width joiners, skin tones, regional flags, a tag flag, keycaps, variation selectors.
    "👨‍👩‍👧‍👦 at the beach 🏖️",
    "👋🏽 👍🏿 🤦🏻‍♀️ 🧑🏾‍🚀",
    "🇯🇵 🇧🇷 🇺🇳 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏳️‍🌈",
    "1️⃣ 2️⃣ ❤️ ♻︎",
    "今日は東京で雪が降っています。寒いですね。",
    "流处理真有意思,明天再试一次!",
    "오늘 저녁은 비빔밥이다.",
    // Beyond the basic plane: two UTF-16 units, four bytes of UTF-8 each.
    "𠮷野家 𝕊𝕥𝕣𝕖𝕒𝕞 𐍈",
    "مرحبا بالعالم، هذا منشور تجريبي.",
    "שלום עולם, זה פוסט לדוגמה.",
    "English, then עברית, then 123, then العربية, then back.",
    "नमस्ते दुनिया, यह एक संदेश है।",
    "สวัสดีชาวโลก",
    // Combining characters, also more than a font can show, and two spellings of one word that must stay two.
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "café is not cafe\u0301",
    "<script>alert('post')</script> <b>bold?</b> &amp; &lt;",
    "\"quoted\" and 'quoted' and `quoted` and “quoted” and «quoted»",
    "C:\\temp\\new\\table \\u0041 \\n is not a line break",
    "first line\nsecond line\r\nthird line\ttabbed",
    "'; DROP TABLE posts; -- ${jndi:ldap://example.com} {{7*7}} %s %n",
    '{"username":"someone else","id":"1"}',
    "zero\u200bwidth, no\u00a0break, bom \ufeff inside, line\u2028separator",
    "null \u0000 and escape \u001b[31m are characters too",
];

/** Share of posts that are long. */
const LONG_SHARE = 0.015;
/** Most posts have fewer than this many characters; long ones have more. */
const SHORT_LENGTH_MAX = 280;

/**
 * A text of 1 to 4,000 characters, some 160 on average, so that a record takes about half a kilobyte of the megabyte a second
 * that a shard takes, and its limit of 1,000 records a second is what counts, as with real posts.
 */
export function sampleText(random: () => number): string {
    const long = random() < LONG_SHARE;
    const position = random();
    const length = long
        ? SHORT_LENGTH_MAX + position * (MESSAGE_LENGTH_MAX - SHORT_LENGTH_MAX)
        : position * SHORT_LENGTH_MAX;
    let text = phrase(random);
    for (;;) {
        const next = phrase(random);
        // Cut between phrases alone: within one, half a character could be left.
        if (text.length + 1 + next.length > length) return text;
        text += long && next.length > 60 ? `\n${next}` : ` ${next}`;
    }
}

function phrase(random: () => number): string {
    return PHRASES[Math.floor(random() * PHRASES.length)] ?? "";
}
