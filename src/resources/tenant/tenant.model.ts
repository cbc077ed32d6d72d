import type { Row } from '../../rows/row.ts';
import type { Resource, ResourceFilter } from '../resource/resource.model.ts';

export interface Tenant extends Resource {
  availabilityZone: string | null;
  internalNetworkId: string | null;
  externalNetworkId: string | null;
  quotas: Row<Quota>[] | null;
}

export interface Quota {
  name: string;
  usage: number | string;
  limit: number | string | null;
}

export type TenantFilter = ResourceFilter;
