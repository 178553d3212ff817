import { AwsError } from "../aws-error";
import { newKeyPair, newSessionToken, type Random, type TemporaryCredentials } from "./credentials";
import type { Principal } from "./principal";

export interface Session extends TemporaryCredentials {
    readonly principal: Principal;
}

/** Expired credentials are still known for a while, so that their user is told why they are refused. */
const EXPIRED_KEPT_MS = 60 * 60 * 1000;
/** A function's process gets one set each; reaching this many within the time that they live is a mistake. */
const SESSIONS_MAX = 100_000;

/** The temporary credentials in force, dropped when they are long expired. */
export class Sessions {
    private readonly byAccessKey = new Map<string, Session>();

    constructor(
        private readonly clock: () => number,
        private readonly random: Random,
    ) {}

    get size(): number {
        return this.byAccessKey.size;
    }

    /** @throws AwsError LimitExceeded */
    open(principal: Principal, durationSeconds: number): Session {
        this.dropExpired();
        if (this.byAccessKey.size >= SESSIONS_MAX) {
            throw new AwsError("LimitExceeded", `Cannot exceed quota for temporary credentials: ${SESSIONS_MAX}`, 409);
        }
        const session: Session = {
            ...newKeyPair("ASIA", this.random),
            sessionToken: newSessionToken(this.random),
            expiration: new Date(this.clock() + durationSeconds * 1000),
            principal,
        };
        this.byAccessKey.set(session.accessKeyId, session);
        return session;
    }

    find(accessKeyId: string): Session | undefined {
        return this.byAccessKey.get(accessKeyId);
    }

    private dropExpired(): void {
        const now = this.clock();
        for (const [accessKeyId, session] of this.byAccessKey) {
            if (session.expiration.getTime() + EXPIRED_KEPT_MS < now) {
                this.byAccessKey.delete(accessKeyId);
            }
        }
    }
}
