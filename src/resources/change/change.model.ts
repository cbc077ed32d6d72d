/** What can be watched of Waldur. */
export type ResourceType = 'TENANT' | 'SECURITY_GROUP' | 'SERVER_GROUP' | 'ALLOCATION';
