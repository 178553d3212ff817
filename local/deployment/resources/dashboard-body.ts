import { Inputs } from "../inputs";

const WIDGETS_MAX = 500;
const COLUMNS = 24;
const ROWS_MAX = 1_000;
const METRICS_MAX = 500;
const ALARMS_MAX = 100;

/**
 * Throws for what CloudWatch would not show ("Dashboard body structure and syntax" in its API reference), as far as it is
 * about graphs of plain metrics, alarms and texts; other widgets, and properties not named here, are refused.
 */
export function checkDashboardBody(text: string): void {
    const body = new Inputs(parse(text), "dashboardBody.");
    const widgets = body.objects("widgets");
    if (widgets.length > WIDGETS_MAX) {
        throw new Error(`expected a dashboard to have at most ${WIDGETS_MAX} widgets, got ${widgets.length}`);
    }
    for (const widget of widgets) checkWidget(widget);
    body.refuseUnread();
}

function checkWidget(widget: Inputs): void {
    const x = widget.integer("x", 0, COLUMNS - 1);
    const width = widget.integer("width", 1, COLUMNS);
    widget.integer("y", 0, ROWS_MAX * WIDGETS_MAX);
    widget.integer("height", 1, ROWS_MAX);
    if (x + width > COLUMNS)
        throw new Error(`a widget at column ${x} with ${width} columns is beyond column ${COLUMNS}`);
    const properties = widget.object("properties");
    switch (widget.oneOf("type", "metric", "alarm", "text")) {
        case "metric":
            checkGraph(properties);
            break;
        case "alarm":
            properties.optionalString("title");
            checkCount("alarms", properties.strings("alarms"), ALARMS_MAX);
            break;
        case "text":
            properties.string("markdown");
            break;
    }
}

function checkGraph(properties: Inputs): void {
    properties.optionalString("title");
    properties.matching("region", /^[a-z]{2,}(-[a-z]+)+-\d+$/, "a region");
    properties.only("view", "timeSeries", "singleValue");
    properties.optionalInteger("period", 1, 86_400);
    const metrics = properties.lists("metrics");
    checkCount("metrics", metrics, METRICS_MAX);
    metrics.forEach(checkMetric);
}

/** `[namespace, metric, (dimension, value) …, {options}]` */
function checkMetric(metric: readonly unknown[]): void {
    const [last] = metric.slice(-1);
    const hasOptions = typeof last === "object" && last !== null;
    const words = hasOptions ? metric.slice(0, -1) : metric;
    const areTexts = words.every((word) => typeof word === "string" && word !== "");
    if (!areTexts || words.length < 2 || words.length % 2 !== 0) {
        throw new Error(
            `expected a metric to be a namespace, a name and dimensions with values, got ${words.join(", ")}`,
        );
    }
    if (!hasOptions) return;
    const options = new Inputs(last as Record<string, unknown>, `${words.slice(0, 2).join(" ")}: `);
    options.optionalString("label");
    options.optionalMatching("stat", /^(SampleCount|Average|Sum|Minimum|Maximum|p\d{1,2}(\.\d+)?)$/, "a statistic");
    options.only("yAxis", "left", "right");
    options.refuseUnread();
}

function checkCount(name: string, list: readonly unknown[], maximum: number): void {
    if (list.length < 1 || list.length > maximum) {
        throw new Error(`expected "${name}" of a widget to have 1 to ${maximum} entries, got ${list.length}`);
    }
}

function parse(text: string): Record<string, unknown> {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (error) {
        throw new Error(`expected "dashboardBody" to be JSON (${(error as Error).message})`, { cause: error });
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new Error('expected "dashboardBody" to be an object');
    }
    return value as Record<string, unknown>;
}
