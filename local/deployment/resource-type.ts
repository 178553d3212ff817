import type { Cloud } from "../cloud";
import type { Inputs } from "./inputs";

/**
 * One resource type of the AWS provider as the embedded cloud honours it. `read` takes every input that is honoured; the
 * deployment refuses the others before `create` does anything. Outputs are those of the provider's schema that a program
 * may build on, besides the inputs.
 */
export interface ResourceType<Settings> {
    /** True for a type that is checked and remembered only, since it has nothing to do on one machine. */
    readonly recordedOnly?: true;
    read(inputs: Inputs, names: Names): Settings;
    create(settings: Settings, cloud: Cloud): Promise<Created>;
}

export interface Created {
    readonly id: string;
    readonly outputs: Record<string, unknown>;
}

/** The names of a resource: the program's, and the one that the provider makes up where the program gives none. */
export interface Names {
    readonly logical: string;
    /** `<logical>-<7 hexadecimal digits>`, as Pulumi's autonaming. */
    automatic(): string;
}

/** Erases the type of the settings, which is private to a resource type, so that all types fit into one table. */
export function resourceType<Settings>(type: ResourceType<Settings>): ResourceType<unknown> {
    return type;
}
