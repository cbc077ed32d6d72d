/** What can be watched of Waldur. */
export const resourceTypes = ['TENANT', 'SECURITY_GROUP', 'SERVER_GROUP', 'ALLOCATION'] as const;
export type ResourceType = (typeof resourceTypes)[number];
