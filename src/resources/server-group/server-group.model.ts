import type { Row } from '../../rows/row.ts';
import type { Resource, ResourceFilter } from '../resource/resource.model.ts';
import type { Tenant } from '../tenant/tenant.model.ts';

export const serverGroupPolicies = [
  'AFFINITY',
  'ANTI_AFFINITY',
  'SOFT_AFFINITY',
  'SOFT_ANTI_AFFINITY',
] as const;
export type ServerGroupPolicy = (typeof serverGroupPolicies)[number];

export interface ServerGroup extends Resource {
  tenant: Row<Tenant> | null;
  policy: ServerGroupPolicy | null;
  policyName: string | null;
  displayName: string;
  instances: Row<ServerGroupInstance>[];
}

export interface ServerGroupInstance {
  uuid: string;
  name: string;
  backendId: string | null;
}

export interface CreateServerGroupInput {
  name: string;
  description?: string | null | undefined;
  policy?: ServerGroupPolicy | null | undefined;
  /** Waldur's own collection makes server groups nowhere yet. */
  tenant?: string | null | undefined;
}

export interface ServerGroupFilter extends ResourceFilter {
  tenant?: string | null | undefined;
}
