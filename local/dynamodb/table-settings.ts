import { ACCOUNT_ID, PARTITION } from "../account";
import { AwsError } from "../aws-error";
import type { JsonObject } from "./dynalite";
import { isObject } from "./table-names";

export interface Tag {
    readonly Key: string;
    readonly Value: string;
}

/** What a table has besides its items and keys, and dynalite does not know of. */
export interface TableSettings {
    deletionProtection: boolean;
    /** Server-side encryption with a key of KMS, or undefined for DynamoDB's own key. */
    encryptionKey: string | undefined;
    tags: ReadonlyMap<string, string>;
    /** Seconds since the epoch since when the table can be restored, or undefined while that is off. */
    recoverableSince: number | undefined;
    recoveryDays: number;
    timeToLiveAttribute: string | undefined;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html */
const TAGS_MAX = 50;
const RECOVERY_DAYS_MAX = 35;

export function validationError(message: string): AwsError {
    return new AwsError("ValidationException", message);
}

/**
 * What dynalite does not know it would drop: better refused than ignored.
 * @throws AwsError ValidationException
 */
export function refuseUnknownMembers(input: JsonObject, known: ReadonlySet<string>): void {
    for (const [name, value] of Object.entries(input)) {
        if (!known.has(name) && value !== null) {
            throw validationError(`The embedded cloud does not honour the parameter ${name}.`);
        }
    }
}

export function newSettings(): TableSettings {
    return {
        deletionProtection: false,
        encryptionKey: undefined,
        tags: new Map(),
        recoverableSince: undefined,
        recoveryDays: RECOVERY_DAYS_MAX,
        timeToLiveAttribute: undefined,
    };
}

/** The members of CreateTable and UpdateTable that end up in the settings. */
export const SETTINGS_MEMBERS: ReadonlySet<string> = new Set([
    "DeletionProtectionEnabled",
    "SSESpecification",
    "StreamSpecification",
    "TableClass",
    "Tags",
]);

/**
 * Takes the settings out of the input of CreateTable or UpdateTable.
 * @throws AwsError ValidationException for what cannot be honoured
 */
export function applySettings(settings: TableSettings, input: JsonObject, region: string): void {
    const { DeletionProtectionEnabled: protection, SSESpecification: encryption, Tags: tags } = input;
    const { StreamSpecification: stream, TableClass: tableClass } = input;
    if (isObject(stream) && stream.StreamEnabled === true) {
        throw validationError("The embedded cloud has no DynamoDB Streams.");
    }
    if (tableClass !== undefined && tableClass !== "STANDARD") {
        throw validationError("The embedded cloud has only the table class STANDARD.");
    }
    if (protection !== undefined) {
        settings.deletionProtection = protection === true;
    }
    if (isObject(encryption)) {
        const { Enabled: enabled, SSEType: type, KMSMasterKeyId: key } = encryption;
        if (type !== undefined && type !== "KMS") {
            throw validationError("One or more parameter values were invalid: SSEType must be KMS");
        }
        const ownKey = `arn:${PARTITION}:kms:${region}:${ACCOUNT_ID}:alias/aws/dynamodb`;
        settings.encryptionKey = enabled === true ? (typeof key === "string" ? key : ownKey) : undefined;
    }
    if (tags !== undefined) {
        settings.tags = withTags(settings.tags, tags);
    }
}

/** @throws AwsError ValidationException */
export function withTags(tags: ReadonlyMap<string, string>, added: unknown): ReadonlyMap<string, string> {
    if (!Array.isArray(added)) {
        throw validationError("Tags must be a list");
    }
    const all = new Map(tags);
    for (const tag of added as unknown[]) {
        const { Key: key, Value: value } = isObject(tag) ? tag : {};
        if (typeof key !== "string" || typeof value !== "string" || !/^.{1,128}$/su.test(key) || value.length > 256) {
            throw validationError("A tag needs a Key of 1 to 128 characters and a Value of at most 256");
        }
        all.set(key, value);
    }
    if (all.size > TAGS_MAX) {
        throw validationError(`Too many tags: a table has at most ${TAGS_MAX}`);
    }
    return all;
}

/** What DescribeTable says about the settings. */
export function describeSettings({ deletionProtection, encryptionKey }: TableSettings): JsonObject {
    const encryption = { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: encryptionKey };
    return {
        DeletionProtectionEnabled: deletionProtection,
        TableClassSummary: { TableClass: "STANDARD" },
        ...(encryptionKey === undefined ? {} : { SSEDescription: encryption }),
    };
}

export function describeTimeToLive({ timeToLiveAttribute: attribute }: TableSettings): JsonObject {
    const description =
        attribute === undefined
            ? { TimeToLiveStatus: "DISABLED" }
            : { TimeToLiveStatus: "ENABLED", AttributeName: attribute };
    return { TimeToLiveDescription: description };
}

/**
 * UpdateTimeToLive.
 * @throws AwsError ValidationException
 */
export function updateTimeToLive(settings: TableSettings, input: JsonObject): JsonObject {
    const { TimeToLiveSpecification: specification } = input;
    const { Enabled: enabled, AttributeName: attribute } = isObject(specification) ? specification : {};
    if (typeof enabled !== "boolean" || typeof attribute !== "string" || !/^.{1,255}$/su.test(attribute)) {
        throw validationError("TimeToLiveSpecification needs Enabled, and an AttributeName of 1 to 255 characters");
    }
    if (enabled === (settings.timeToLiveAttribute !== undefined)) {
        throw validationError(`TimeToLive is already ${enabled ? "enabled" : "disabled"}`);
    }
    if (!enabled && attribute !== settings.timeToLiveAttribute) {
        throw validationError("TimeToLive is active on a different AttributeName");
    }
    settings.timeToLiveAttribute = enabled ? attribute : undefined;
    return { TimeToLiveSpecification: { Enabled: enabled, AttributeName: attribute } };
}

/**
 * UpdateContinuousBackups.
 * @throws AwsError ValidationException
 */
export function updateContinuousBackups(settings: TableSettings, input: JsonObject, nowMs: number): JsonObject {
    const { PointInTimeRecoverySpecification: specification } = input;
    const { PointInTimeRecoveryEnabled: enabled, RecoveryPeriodInDays: days } = isObject(specification)
        ? specification
        : {};
    if (typeof enabled !== "boolean") {
        throw validationError("PointInTimeRecoverySpecification needs PointInTimeRecoveryEnabled");
    }
    if (days !== undefined && !(typeof days === "number" && days >= 1 && days <= RECOVERY_DAYS_MAX)) {
        throw validationError(`RecoveryPeriodInDays must be between 1 and ${RECOVERY_DAYS_MAX}`);
    }
    settings.recoveryDays = typeof days === "number" ? days : settings.recoveryDays;
    settings.recoverableSince = enabled ? (settings.recoverableSince ?? nowMs / 1000) : undefined;
    return describeContinuousBackups(settings, nowMs);
}

export function describeContinuousBackups(settings: TableSettings, nowMs: number): JsonObject {
    const { recoverableSince, recoveryDays } = settings;
    const recovery =
        recoverableSince === undefined
            ? { PointInTimeRecoveryStatus: "DISABLED" }
            : {
                  PointInTimeRecoveryStatus: "ENABLED",
                  RecoveryPeriodInDays: recoveryDays,
                  EarliestRestorableDateTime: Math.max(recoverableSince, nowMs / 1000 - recoveryDays * 86_400),
                  LatestRestorableDateTime: nowMs / 1000,
              };
    return {
        ContinuousBackupsDescription: {
            ContinuousBackupsStatus: "ENABLED",
            PointInTimeRecoveryDescription: recovery,
        },
    };
}
