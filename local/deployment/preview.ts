import type { Inputs } from "./inputs";
import type { Provider } from "./monitor";
import { UNKNOWN } from "./values";

/**
 * Makes nothing: a program that is run against it sees what it sees in `pulumi preview`, and less, since the real engine knows
 * a resource's inputs then, and here every output of a resource is unknown.
 */
export class PreviewProvider implements Provider {
    constructor(private readonly region: string) {}

    isRecordedOnly(): boolean {
        return false;
    }

    async create(
        _type: string,
        _name: string,
        inputs: Inputs,
    ): Promise<{ id: string; outputs: Record<string, unknown> }> {
        const names = Object.keys(inputs.all());
        return { id: "", outputs: Object.fromEntries(names.map((name) => [name, UNKNOWN])) };
    }

    async invoke(token: string): Promise<Record<string, unknown>> {
        // Functions are called in a preview, too; this one answers from the configuration.
        if (token !== "aws:index/getRegion:getRegion") throw new Error("a preview cannot call this function");
        return { region: this.region };
    }
}
