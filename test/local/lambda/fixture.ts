import { expect } from "chai";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import {
    LambdaService,
    type FunctionConfiguration,
    type InvocationResult,
    type LambdaServiceOptions,
} from "../../../local/lambda/service";

export const FUNCTION_ARN = "arn:aws:lambda:eu-central-1:000000000000:function:processor";

/** The longest limit that there is: how long an invocation takes depends on the machine. */
export const TIMEOUT_SECONDS = 900;

/** A function `processor` whose archive is this one CommonJS module. */
export function configure(code: string, changes: Partial<FunctionConfiguration> = {}): FunctionConfiguration {
    return {
        functionName: "processor",
        functionArn: FUNCTION_ARN,
        handler: "index.handler",
        runtime: "nodejs24.x",
        memorySizeMb: 128,
        timeoutSeconds: TIMEOUT_SECONDS,
        environment: {},
        files: { "index.js": code },
        region: "eu-central-1",
        roleArn: "arn:aws:iam::000000000000:role/processor",
        credentials: () => ({ accessKeyId: "ASIAEXAMPLE", secretAccessKey: "secret", sessionToken: "token" }),
        endpointUrl: "http://127.0.0.1:4566",
        logGroupName: "/aws/lambda/processor",
        ...changes,
    };
}

/** A server that functions under test connect to, so that a test can see that they live, hold them, and see them end. */
export class Rendezvous {
    private readonly sockets = new Set<Socket>();
    private readonly arrivals: Socket[] = [];
    private readonly waiters: ((socket: Socket) => void)[] = [];

    private constructor(private readonly server: Server) {}

    static async start(): Promise<Rendezvous> {
        const server = createServer();
        const rendezvous = new Rendezvous(server);
        server.on("connection", (socket) => rendezvous.arrive(socket));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return rendezvous;
    }

    get port(): number {
        return (this.server.address() as AddressInfo).port;
    }

    /** Code for a module under test: `await meet()` connects, and returns the socket. */
    get code(): string {
        return `
            const net = require("node:net");
            const meet = () => new Promise((resolve) => {
                const socket = net.connect(${this.port}, "127.0.0.1", () => resolve(socket));
            });
            const released = (socket) => new Promise((resolve) => socket.once("data", resolve));`;
    }

    next(): Promise<Socket> {
        const socket = this.arrivals.shift();
        return socket === undefined
            ? new Promise((resolve) => {
                  this.waiters.push(resolve);
              })
            : Promise.resolve(socket);
    }

    /** Resolves when the process at the other end is gone. */
    static ended(socket: Socket): Promise<void> {
        return new Promise((resolve) => {
            if (socket.closed) {
                resolve();
            } else {
                socket.once("close", () => resolve());
            }
        });
    }

    async stop(): Promise<void> {
        this.sockets.forEach((socket) => socket.destroy());
        await new Promise((resolve) => this.server.close(resolve));
    }

    private arrive(socket: Socket): void {
        this.sockets.add(socket);
        // A process that is killed may reset its connections.
        socket.on("error", () => socket.destroy());
        socket.resume();
        const waiter = this.waiters.shift();
        if (waiter === undefined) {
            this.arrivals.push(socket);
        } else {
            waiter(socket);
        }
    }
}

export interface LambdaUnderTest {
    readonly service: LambdaService;
    readonly rendezvous: Rendezvous;
    /** Another service takes the place of the first. */
    restart(options: LambdaServiceOptions): Promise<void>;
    /** Makes the function `processor`, whose archive is this one CommonJS module. */
    create(code: string, changes?: Partial<FunctionConfiguration>): Promise<void>;
    invoke(event?: unknown): Promise<InvocationResult>;
    /** What is in the log of `processor`. */
    messages(): string[];
}

/** A service and a rendezvous for each test of the `describe` in which it is called. */
export function useLambda(): LambdaUnderTest {
    let service: LambdaService;
    let rendezvous: Rendezvous;

    beforeEach(async () => {
        service = new LambdaService();
        rendezvous = await Rendezvous.start();
    });

    afterEach(async () => {
        await service.close();
        await rendezvous.stop();
    });

    return {
        get service() {
            return service;
        },
        get rendezvous() {
            return rendezvous;
        },
        async restart(options) {
            await service.close();
            service = new LambdaService(options);
        },
        create: (code, changes) => service.createFunction(configure(code, changes)),
        invoke: (event = {}) => service.invoke("processor", JSON.stringify(event)),
        messages: () => service.logs("processor").map(({ message }) => message),
    };
}

interface ErrorPayload {
    errorType: string;
    errorMessage: string;
    trace?: string[];
}

export function read(result: InvocationResult): unknown {
    return JSON.parse(result.payload);
}

export function readError(result: InvocationResult): ErrorPayload {
    expect(result.functionError).to.equal("Unhandled");
    return read(result) as ErrorPayload;
}

export async function rejection(promise: Promise<unknown>): Promise<Error> {
    try {
        await promise;
    } catch (error) {
        return error as Error;
    }
    throw new Error("Expected a rejection.");
}
