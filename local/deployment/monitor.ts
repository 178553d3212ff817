import type { sendUnaryData, ServerUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Empty as EmptyMessage } from "google-protobuf/google/protobuf/empty_pb";
import type {
    RegisterResourceOutputsRequest,
    RegisterResourceRequest,
    RegisterResourceResponse,
    ResourceInvokeRequest,
    SupportsFeatureRequest,
    SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import type { InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import { DeploymentError } from "./errors";
import { Inputs } from "./inputs";
import { Empty, grpc, provider, resource as proto } from "./pulumi-protocol";
import { reached } from "../timings";
import { fromProtobuf, toProtobuf, type Properties } from "./values";

const STACK_TYPE = "pulumi:pulumi:Stack";
/** What this monitor understands; the SDK refuses by itself what a program uses beyond it (transforms, hooks). */
const FEATURES = new Set(["secrets", "resourceReferences", "aliasSpecs", "deletedWith"]);

/** One resource as the program registered it, and what became of it. */
export interface DeployedResource {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    /** False for a component, which groups others and has no existence of its own. */
    readonly custom: boolean;
    /** The URN of the parent; "" for the stack. */
    readonly parent: string;
    readonly dependencies: readonly string[];
    /** What the program asks for when it is updated or destroyed later, which a deployment here never is. */
    readonly protect: boolean;
    readonly deleteBeforeReplace: boolean | undefined;
    readonly inputs: Properties;
    readonly id: string;
    readonly outputs: Properties;
    /** True for a resource that is checked and remembered, but has nothing to do on one machine. */
    readonly recordedOnly: boolean;
}

/** What makes resources real: the embedded cloud's resource types. Errors are reported with the resource's name. */
export interface Provider {
    /** True if resources of this type are checked and remembered only. Throws for a type that is not known. */
    isRecordedOnly(type: string): boolean;
    create(type: string, name: string, inputs: Inputs): Promise<{ id: string; outputs: Record<string, unknown> }>;
    /** A function of a provider, such as `aws:index/getRegion:getRegion`. */
    invoke(token: string, inputs: Inputs): Promise<Record<string, unknown>>;
}

export interface MonitorOptions {
    readonly project: string;
    readonly stack: string;
    readonly provider: Promise<Provider>;
    /** Called with what the program exports, if it exports anything. */
    readonly onOutputs: (outputs: Properties) => void;
    /** Called once, with what is refused first; the deployment ends the program then, as the real engine does. */
    readonly onRefusal: () => void;
}

/**
 * Pulumi's ResourceMonitor as the program sees it (sdk/proto/pulumi/resource.proto), for a stack that does not exist
 * yet: every registration creates. Options that concern updates (aliases, protect, ignoreChanges, deleteBeforeReplace)
 * therefore have nothing to do.
 */
export class Monitor {
    readonly resources = new Map<string, DeployedResource>();
    /** What the program exports; empty until it has ended. */
    stackOutputs: Properties = { values: {}, secrets: new Set() };
    /** What stopped the deployment. */
    refused: DeploymentError | undefined;

    constructor(private readonly options: MonitorOptions) {}

    service(): UntypedServiceImplementation {
        const refuse = (operation: string) =>
            unary(async () => {
                throw this.refusal(`the embedded cloud does not know ${operation}`);
            });
        return {
            supportsFeature: unary(async (request: SupportsFeatureRequest) => this.supportsFeature(request)),
            registerResource: unary((request: RegisterResourceRequest) => this.registerResource(request)),
            registerResourceOutputs: unary(async (request: RegisterResourceOutputsRequest) =>
                this.registerResourceOutputs(request),
            ),
            invoke: unary((request: ResourceInvokeRequest) => this.invoke(request)),
            signalAndWaitForShutdown: unary(async () => new Empty()),
            // The SDK asks feature by feature where this is not implemented.
            getDeploymentInfo: (_call: unknown, callback: sendUnaryData<EmptyMessage>) =>
                callback({ code: grpc.status.UNIMPLEMENTED }),
            call: refuse("method calls on resources"),
            readResource: refuse("reading a resource that is not the program's own (`get`)"),
            registerStackTransform: refuse("stack transforms"),
            registerStackInvokeTransform: refuse("invoke transforms"),
            registerResourceHook: refuse("resource hooks"),
            registerErrorHook: refuse("error hooks"),
            registerPackage: refuse("parameterized packages"),
        };
    }

    private supportsFeature(request: SupportsFeatureRequest): SupportsFeatureResponse {
        return new proto.SupportsFeatureResponse().setHassupport(FEATURES.has(request.getId()));
    }

    private async registerResource(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
        const type = request.getType();
        const name = request.getName();
        const urn = this.urn(type, name, request.getParent());
        if (this.resources.has(urn)) throw this.refusal(`two resources have one URN: ${urn}`);
        const at = `${type} "${name}"`;
        if (request.getImportid() !== "") throw this.refusal(`${at}: the embedded cloud cannot import resources`);
        const inputs = this.explained(at, () => fromProtobuf(request.getObject()));
        const registered = {
            urn,
            type,
            name,
            custom: request.getCustom(),
            parent: request.getParent(),
            dependencies: request.getDependenciesList(),
            protect: request.getProtect() ?? false,
            deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
            inputs,
        };
        // Known before it is created, so that a second registration of the URN is refused even if both come at once.
        this.resources.set(urn, { ...registered, id: "", outputs: inputs, recordedOnly: false });
        const resource = request.getCustom()
            ? await this.create(registered, at, request.getAdditionalsecretoutputsList())
            : { ...registered, id: "", outputs: inputs, recordedOnly: false };
        this.resources.set(urn, resource);
        return new proto.RegisterResourceResponse()
            .setUrn(urn)
            .setId(resource.id)
            .setObject(toProtobuf(resource.outputs));
    }

    private async create(
        registered: Omit<DeployedResource, "id" | "outputs" | "recordedOnly">,
        at: string,
        additionalSecrets: string[],
    ): Promise<DeployedResource> {
        const { type, name, inputs } = registered;
        reached("the program registers its first resource");
        try {
            const resourceProvider = await this.options.provider;
            const recordedOnly = resourceProvider.isRecordedOnly(type);
            const { id, outputs } = await resourceProvider.create(type, name, new Inputs(inputs.values));
            const secrets = new Set([...inputs.secrets, ...additionalSecrets]);
            return { ...registered, id, outputs: { values: { ...inputs.values, ...outputs }, secrets }, recordedOnly };
        } catch (error) {
            throw this.refusal(`${at}: ${(error as Error).message}`);
        }
    }

    private registerResourceOutputs(request: RegisterResourceOutputsRequest): EmptyMessage {
        const resource = this.resources.get(request.getUrn());
        if (resource === undefined) throw this.refusal(`outputs of an unknown resource: ${request.getUrn()}`);
        const outputs = this.explained(resource.type, () => fromProtobuf(request.getOutputs()));
        this.resources.set(resource.urn, { ...resource, outputs });
        if (resource.type === STACK_TYPE) {
            this.stackOutputs = outputs;
            // A program that has failed registers none on its way out, before it says so.
            if (Object.keys(outputs.values).length > 0) {
                reached("the deployment has its outputs");
                this.options.onOutputs(outputs);
            }
        }
        return new Empty();
    }

    private async invoke(request: ResourceInvokeRequest): Promise<InvokeResponse> {
        const token = request.getTok();
        const { values } = this.explained(token, () => fromProtobuf(request.getArgs()));
        if (token === "pulumi:pulumi:getResource") return this.getResource(values);
        try {
            const result = await (await this.options.provider).invoke(token, new Inputs(values));
            return new provider.InvokeResponse().setReturn(toProtobuf({ values: result, secrets: new Set() }));
        } catch (error) {
            throw this.refusal(`${token}: ${(error as Error).message}`);
        }
    }

    /** The SDK turns a resource reference that comes back to it into a resource with this built-in function. */
    private getResource(values: Record<string, unknown>): InvokeResponse {
        const resource = this.resources.get(String(values.urn));
        if (resource === undefined) throw this.refusal(`getResource: no resource ${String(values.urn)}`);
        const state = Object.fromEntries(Object.entries(resource.outputs.values));
        return new provider.InvokeResponse().setReturn(
            toProtobuf({ values: { urn: resource.urn, id: resource.id, state }, secrets: new Set() }),
        );
    }

    /** `urn:pulumi:<stack>::<project>::<types from the outermost parent>::<name>`; the stack's type is left out. */
    private urn(type: string, name: string, parent: string): string {
        const { stack, project } = this.options;
        const parentType = parent.split("::")[2] ?? "";
        const types = parentType === "" || parentType === STACK_TYPE ? type : `${parentType}$${type}`;
        return `urn:pulumi:${stack}::${project}::${types}::${name}`;
    }

    private explained<T>(at: string, read: () => T): T {
        try {
            return read();
        } catch (error) {
            throw this.refusal(`${at}: ${(error as Error).message}`);
        }
    }

    private refusal(message: string): DeploymentError {
        const error = new DeploymentError(message);
        if (this.refused === undefined) {
            this.refused = error;
            this.options.onRefusal();
        }
        return error;
    }
}

/** Turns a promise of a reply into gRPC's callback form. */
function unary<Request, Reply>(handle: (request: Request) => Promise<Reply>) {
    return (call: ServerUnaryCall<Request, Reply>, callback: sendUnaryData<Reply>): void => {
        handle(call.request).then(
            (reply) => callback(null, reply),
            (error: unknown) => callback({ code: grpc.status.INVALID_ARGUMENT, message: (error as Error).message }),
        );
    };
}
