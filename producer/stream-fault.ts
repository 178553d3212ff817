/** A request that failed as a whole. With `mayPass`, it is worth sending again; without, it never will be. */
export class StreamFault extends Error {
    constructor(
        message: string,
        readonly mayPass: boolean,
    ) {
        super(message);
        this.name = "StreamFault";
    }
}
