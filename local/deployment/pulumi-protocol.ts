import { createRequire } from "node:module";

/**
 * The parts of Pulumi's gRPC protocol that a deployment speaks. Messages must be built with the google-protobuf and the
 * grpc-js that @pulumi/pulumi itself loads, so they are resolved from there.
 */
const pulumiRequire = createRequire(require.resolve("@pulumi/pulumi/package.json"));

export const grpc = pulumiRequire("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
export const { Struct } = pulumiRequire(
    "google-protobuf/google/protobuf/struct_pb",
) as typeof import("google-protobuf/google/protobuf/struct_pb");
export const { Empty } = pulumiRequire(
    "google-protobuf/google/protobuf/empty_pb",
) as typeof import("google-protobuf/google/protobuf/empty_pb");

const proto = (name: string): unknown => pulumiRequire(`./proto/${name}`);
export const resource = proto("resource_pb") as typeof import("@pulumi/pulumi/proto/resource_pb");
export const resourceService = proto("resource_grpc_pb") as typeof import("@pulumi/pulumi/proto/resource_grpc_pb");
export const provider = proto("provider_pb") as typeof import("@pulumi/pulumi/proto/provider_pb");
export const engine = proto("engine_pb") as typeof import("@pulumi/pulumi/proto/engine_pb");
export const engineService = proto("engine_grpc_pb") as typeof import("@pulumi/pulumi/proto/engine_grpc_pb");
