import { expect } from "chai";
import { Renewal, RENEWAL_MS_MAX } from "../../producer/renewal";

describe("the renewal of one's own credentials", () => {
    let now: number;
    let lookUps: number;
    const renewal = (lookUp: () => Promise<unknown> = async () => undefined) =>
        new Renewal(
            () => {
                lookUps += 1;
                return lookUp();
            },
            () => now,
        );
    beforeEach(() => ([now, lookUps] = [1_000, 0]));

    it("is not tried for credentials that never worked", async () => {
        expect(await renewal().mayPass()).to.be.false;
        expect(lookUps).to.equal(0);
    });

    it("is tried for two minutes, and again after they have worked", async () => {
        const tried = renewal();
        tried.worked();
        expect(await tried.mayPass()).to.be.true;
        now += RENEWAL_MS_MAX - 1;
        expect(await tried.mayPass()).to.be.true;
        now += 1;
        expect(await tried.mayPass()).to.be.false;
        expect(lookUps).to.equal(2);
        tried.worked();
        expect(await tried.mayPass()).to.be.true;
    });

    it("goes on when they cannot be looked up at the moment", async () => {
        const tried = renewal(async () => {
            throw new Error("no route");
        });
        tried.worked();
        expect(await tried.mayPass()).to.be.true;
    });
});
