/** The one account and the one partition of the embedded cloud. */
export const ACCOUNT_ID = "000000000000";
export const PARTITION = "aws";
