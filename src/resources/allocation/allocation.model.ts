import type { Resource, ResourceFilter } from '../resource/resource.model.ts';

export interface Allocation extends Resource {
  nodeLimit: number | string | null;
  nodeUsage: string;
  groupname: string | null;
  isActive: boolean;
}

interface AllocationInput {
  description?: string | null | undefined;
  nodeLimit?: number | string | null | undefined;
  groupname?: string | null | undefined;
}

export interface CreateAllocationInput extends AllocationInput {
  project: string;
  serviceSettings: string;
  name: string;
}

export interface UpdateAllocationInput extends AllocationInput {
  uuid: string;
  name?: string | null | undefined;
}

export interface ReplaceAllocationInput extends CreateAllocationInput {
  uuid: string;
}

export interface SetAllocationLimitsInput {
  uuid: string;
  /** Null = unlimited. */
  nodeLimit?: number | string | null | undefined;
}

export interface AllocationFilter extends ResourceFilter {
  isActive?: boolean | null | undefined;
}
