import type { Resource, ResourceFilter } from '../resource/resource.model.ts';

export interface Allocation extends Resource {
  nodeLimit: number | string | null;
  nodeUsage: string;
  groupname: string | null;
  isActive: boolean;
}

export interface AllocationFilter extends ResourceFilter {
  isActive?: boolean | null | undefined;
}
