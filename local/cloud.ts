import { randomUUID } from "node:crypto";
import { Failure } from "../commandline/failure";
import { AwsError } from "./aws-error";
import { DynamoDbService, type DynamoDbFaults } from "./dynamodb/service";
import { EventSourceMapping, type MappingStatus } from "./event-source-mapping/mapping";
import { readMappingSettings } from "./event-source-mapping/settings";
import { kinesisStreamReader } from "./event-source-mapping/stream-reader";
import {
    startFrontDoor,
    type Denial,
    type FrontDoor,
    type FrontDoorFaults,
    type RequestReport,
} from "./front-door/server";
import { FunctionRole } from "./function-role";
import { Identities, type KeyPair } from "./iam/identities";
import { StsService } from "./iam/sts";
import { KinesisService, type EarlyTrim, type KinesisFaults } from "./kinesis/service";
import {
    LambdaService,
    type FunctionConfiguration,
    type InvocationResult,
    type LambdaFaults,
    type LambdaServiceOptions,
} from "./lambda/service";
import { Listeners } from "./listeners";
import { S3Service } from "./s3/service";
import { reached } from "./timings";

/** What makes services fail now and then; those that are left out do not. */
export interface CloudFaults {
    readonly frontDoor?: FrontDoorFaults;
    readonly kinesis?: KinesisFaults;
    readonly dynamodb?: DynamoDbFaults;
    readonly lambda?: LambdaFaults;
}

export interface CloudOptions {
    /** 0 for any free port. */
    readonly port: number;
    readonly region: string;
    /** The memory that the records of one stream may take; see KinesisOptions. */
    readonly streamBytesMax?: number;
    /** Records of a stream that had to go early to keep within it; unless given, a warning on stderr. */
    readonly onEarlyTrim?: (trim: EarlyTrim) => void;
    readonly faults?: CloudFaults;
    /** A request that the policies refused. */
    readonly onDenied?: (denial: Denial) => void;
    /** A part of the embedded cloud has stopped by a mistake of ours; the rest goes on without it. */
    readonly onError?: (error: unknown) => void;
    /** A request was answered with an internal failure by a mistake of ours; everything goes on. */
    readonly onInternalFailure?: (error: unknown) => void;
    /** What keeps an event source mapping or a function from working as it was meant, in Lambda's words where it has some. */
    readonly onProblem?: (problem: string) => void;
}

/** What a deployment says of a function, beside what the embedded cloud knows by itself. */
export type NewFunction = Omit<FunctionConfiguration, "region" | "credentials" | "endpointUrl" | "logGroupName">;

/** The first posts need not wait for these: the shards of a new on-demand stream. More would keep one machine busy. */
const ENVIRONMENTS_AHEAD_MAX = 4;

interface DeployedFunction {
    readonly functionArn: string;
    readonly roleArn: string;
    readonly role: FunctionRole;
}

/** An invocation by an event source mapping, when it begins and when it has ended. */
export interface MappingInvocation {
    readonly functionName: string;
    /** Undefined while it runs, and where Lambda could not begin it. */
    readonly result: Pick<InvocationResult, "durationMs" | "functionError" | "payload"> | undefined;
    readonly state: "begun" | "ended";
}

/** What observers may listen to, beside what the services tell themselves. */
export interface CloudEvents {
    readonly denied: Listeners<Denial>;
    readonly answered: Listeners<RequestReport>;
    readonly invocation: Listeners<MappingInvocation>;
}

interface CreatedMapping {
    readonly uuid: string;
    readonly functionArn: string;
}

/** The embedded cloud: its services behind one endpoint, in this process and the function's. */
export class Cloud {
    private readonly functions = new Map<string, DeployedFunction>();
    private readonly eventSourceMappings: EventSourceMapping[] = [];
    private closing: Promise<void> | undefined;

    private constructor(
        readonly region: string,
        /** May do everything; for the person who runs the embedded cloud. */
        readonly administrator: KeyPair,
        readonly identities: Identities,
        readonly kinesis: KinesisService,
        readonly dynamodb: DynamoDbService,
        readonly s3: S3Service,
        readonly lambda: LambdaService,
        readonly events: CloudEvents,
        private readonly frontDoor: FrontDoor,
        private readonly onError: (error: unknown) => void,
        /** Tells whoever runs the embedded cloud of a mistake of ours after which everything goes on. */
        readonly onInternalFailure: (error: unknown) => void,
        private readonly onProblem: (problem: string) => void,
    ) {}

    /** @throws an Error with the code EADDRINUSE where the port is taken */
    static async start(options: CloudOptions): Promise<Cloud> {
        const { port, region, faults = {}, onDenied, streamBytesMax, onEarlyTrim } = options;
        const { onError = reportOnStderr, onInternalFailure = reportOnStderr, onProblem = reportOnStderr } = options;
        const identities = new Identities();
        const kinesis = new KinesisService({
            region,
            ...(faults.kinesis && { faults: faults.kinesis }),
            ...(streamBytesMax !== undefined && { retainedBytesMax: streamBytesMax }),
            ...(onEarlyTrim && { onEarlyTrim }),
        });
        const dynamodb = new DynamoDbService({ region, ...(faults.dynamodb && { faults: faults.dynamodb }) });
        const s3 = new S3Service({ region });
        const events = { denied: new Listeners<Denial>(), answered: new Listeners<RequestReport>() };
        if (onDenied !== undefined) events.denied.add(onDenied);
        const frontDoor = await startFrontDoor({
            port,
            region,
            identities,
            services: [kinesis, dynamodb, s3, new StsService()],
            ...(faults.frontDoor && { faults: faults.frontDoor }),
            onDenied: (denial) => events.denied.tell(denial),
            onRequest: (report) => events.answered.tell(report),
            onInternalFailure,
        });
        const administrator = identities.createAdministratorKey();
        const lambda = await startLambda(frontDoor, {
            ...(faults.lambda && { faults: faults.lambda }),
            onProblem: (problem) => onProblem(`Lambda: ${problem}`),
        });
        return new Cloud(
            region,
            administrator,
            identities,
            kinesis,
            dynamodb,
            s3,
            lambda,
            { ...events, invocation: new Listeners() },
            frontDoor,
            onError,
            onInternalFailure,
            onProblem,
        );
    }

    get endpointUrl(): string {
        return this.frontDoor.endpointUrl;
    }

    hasFunction(name: string): boolean {
        return this.functions.has(name);
    }

    async createFunction(settings: NewFunction): Promise<void> {
        const { functionName, functionArn, roleArn } = settings;
        const role = new FunctionRole(this.identities, roleArn, functionName);
        // Throws, as CreateFunction does, if the role is not there or not for Lambda.
        role.assume();
        await this.lambda.createFunction({
            ...settings,
            region: this.region,
            credentials: () => role.assume(),
            endpointUrl: this.endpointUrl,
            logGroupName: `/aws/lambda/${functionName}`,
        });
        reached("the function is created");
        // The first posts then need not wait for the function to start.
        this.lambda.initialize(functionName, 1);
        this.functions.set(functionName, { functionArn, roleArn, role });
    }

    /** Makes an event source mapping of the inputs of `aws.lambda.EventSourceMapping`, and starts it. */
    async createMapping(inputs: Readonly<Record<string, unknown>>): Promise<CreatedMapping> {
        const settings = readMappingSettings(inputs);
        const { functionName, eventSourceArn, onFailureBucket } = settings;
        const lambdaFunction = this.functions.get(functionName);
        if (lambdaFunction === undefined) {
            throw new AwsError("ResourceNotFoundException", `Function not found: ${functionName}`, 404);
        }
        const { functionArn, roleArn, role } = lambdaFunction;
        role.checkStream(eventSourceArn);
        if (onFailureBucket !== undefined) role.checkDestination(onFailureBucket);
        const reader = kinesisStreamReader(role.kinesis(this.kinesis, eventSourceArn), eventSourceArn);
        const uuid = randomUUID();
        const onProblem = (problem: string) => this.onProblem(`Event source mapping: ${problem}`);
        const mapping = new EventSourceMapping({
            uuid,
            settings,
            functionArn,
            roleArn,
            reader,
            invoke: (payload) => this.invoke(functionName, payload),
            ...(onFailureBucket === undefined
                ? {}
                : { deliverFailure: (key, body) => role.putObject(this.s3, onFailureBucket, key, body) }),
            onError: this.onError,
            onProblem,
            onDiscard: ({ shardId, condition, sequenceNumbers, key }) => {
                const where = key === undefined ? "and lost: there is no on-failure destination" : `into ${key}`;
                onProblem(`gave up ${sequenceNumbers.length} records of ${shardId} (${condition}), ${where}`);
            },
        });
        this.eventSourceMappings.push(mapping);
        mapping.start();
        const shards = await reader.listShards();
        const atOnce = shards.length * settings.parallelizationFactor;
        this.lambda.initialize(functionName, Math.min(atOnce, ENVIRONMENTS_AHEAD_MAX));
        return { uuid, functionArn };
    }

    /** The event source mappings as they are now. */
    mappings(): MappingStatus[] {
        return this.eventSourceMappings.map((mapping) => mapping.status());
    }

    /** Resolves when everything that is in the streams now has been through their mappings. */
    async drained(): Promise<void> {
        await Promise.all(this.eventSourceMappings.map((mapping) => mapping.drained()));
    }

    /** Stops everything: pollers first, then processes, then the endpoint. Once; further calls wait for the same end. */
    close(): Promise<void> {
        return (this.closing ??= this.closeAll());
    }

    private async invoke(functionName: string, payload: string): Promise<InvocationResult> {
        const { invocation } = this.events;
        let result: InvocationResult | undefined;
        reached("the first batch goes to the function");
        invocation.tell({ functionName, result, state: "begun" });
        try {
            result = await this.lambda.invoke(functionName, payload);
            return result;
        } finally {
            invocation.tell({ functionName, result, state: "ended" });
        }
    }

    private async closeAll(): Promise<void> {
        await Promise.all(this.eventSourceMappings.map((mapping) => mapping.stop()));
        await this.lambda.close();
        await this.frontDoor.close();
        this.kinesis.close();
        await Promise.all([this.dynamodb.close(), this.s3.close()]);
    }
}

/** Where there can be no folder for the functions, nothing stays open behind it. */
async function startLambda(frontDoor: FrontDoor, options: LambdaServiceOptions): Promise<LambdaService> {
    try {
        return new LambdaService(options);
    } catch (error) {
        await frontDoor.close();
        const { code, message } = error as NodeJS.ErrnoException;
        throw code === undefined ? error : new Failure(`There can be no folder for temporary files: ${message}.`);
    }
}

function reportOnStderr(error: unknown): void {
    process.stderr.write(
        `The embedded cloud failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
}
