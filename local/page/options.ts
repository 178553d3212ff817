import { whole } from "../../commandline/options";

export const UI_PORT_DEFAULT = 4567;

/** `--ui-port`, of the commands that serve the page. */
export const uiPort = whole({
    value: "N",
    help: "The port on 127.0.0.1 of the page that shows the stream; 0 is any free one.",
    unit: "",
    minimum: 0,
    maximum: 65_535,
    default: UI_PORT_DEFAULT,
});
