import type { sendUnaryData, ServerUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type {
    GetRootResourceResponse,
    LogRequest,
    SetRootResourceRequest,
    SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import type { Empty as EmptyMessage } from "google-protobuf/google/protobuf/empty_pb";
import { Empty, engine as proto, grpc } from "./pulumi-protocol";

export interface LogMessage {
    readonly severity: "info" | "warning";
    readonly text: string;
}

/** Pulumi's Engine as the program sees it (sdk/proto/pulumi/engine.proto): its log, and the URN of the stack. */
export class Engine {
    /** What the program logged as an error, in order. */
    readonly errors: string[] = [];
    private rootUrn = "";

    constructor(private readonly onLog: (message: LogMessage) => void) {}

    service(): UntypedServiceImplementation {
        return {
            log: ({ request }: ServerUnaryCall<LogRequest, EmptyMessage>, callback: sendUnaryData<EmptyMessage>) => {
                this.log(request);
                callback(null, new Empty());
            },
            getRootResource: (_call: unknown, callback: sendUnaryData<GetRootResourceResponse>) =>
                callback(null, new proto.GetRootResourceResponse().setUrn(this.rootUrn)),
            setRootResource: (
                { request }: ServerUnaryCall<SetRootResourceRequest, SetRootResourceResponse>,
                callback: sendUnaryData<SetRootResourceResponse>,
            ) => {
                this.rootUrn = request.getUrn();
                callback(null, new proto.SetRootResourceResponse());
            },
            // Neither belongs to a deployment without the CLI: a debugger to attach, a version of the CLI to require.
            startDebugging: (_call: unknown, callback: sendUnaryData<EmptyMessage>) =>
                callback({ code: grpc.status.UNIMPLEMENTED }),
            requirePulumiVersion: (_call: unknown, callback: sendUnaryData<EmptyMessage>) =>
                callback({ code: grpc.status.UNIMPLEMENTED }),
        };
    }

    private log(request: LogRequest): void {
        const text = request.getMessage().trim();
        switch (request.getSeverity()) {
            case proto.LogSeverity.ERROR:
                // Told with the deployment's failure, of which it is the reason.
                this.errors.push(text);
                break;
            case proto.LogSeverity.WARNING:
                this.onLog({ severity: "warning", text });
                break;
            case proto.LogSeverity.INFO:
                this.onLog({ severity: "info", text });
                break;
            default: // Debug messages are for those who work on the SDK.
                break;
        }
    }
}
