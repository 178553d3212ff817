/**
 * The console's domain by what a region's name begins with; all other regions are in the partition `aws`. The isolated
 * partitions (`us-iso…`) have consoles of their own that are not public.
 */
const DOMAINS: readonly (readonly [prefix: string, domain: string])[] = [
    ["cn-", "console.amazonaws.cn"],
    ["us-gov-", "console.amazonaws-us-gov.com"],
    ["eusc-", "console.amazonaws-eusc.eu"],
];
const DOMAIN = "console.aws.amazon.com";

/** The page of a table's items in the AWS console. */
export function tableUrl(region: string, tableName: string): string {
    return page(region, "dynamodbv2", `item-explorer?table=${tableName}`);
}

/** The page of a dashboard in the AWS console. */
export function dashboardUrl(region: string, dashboardName: string): string {
    return page(region, "cloudwatch", `dashboards/dashboard/${dashboardName}`);
}

function page(region: string, service: string, place: string): string {
    const domain = DOMAINS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? DOMAIN;
    return `https://${region}.${domain}/${service}/home?region=${region}#${place}`;
}
