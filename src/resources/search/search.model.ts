import type { OverallState } from '../resource/resource.model.ts';

/** What can be searched for, in the order in which it is answered. */
export const searchTypes = [
  'CUSTOMER',
  'PROJECT',
  'TENANT',
  'SECURITY_GROUP',
  'SERVER_GROUP',
  'ALLOCATION',
  'DATACENTER',
  'VIRTUAL_MACHINE',
] as const;
export type SearchType = (typeof searchTypes)[number];

/** The types' names in the graph. */
export const typeNames = {
  CUSTOMER: 'Customer',
  PROJECT: 'Project',
  TENANT: 'Tenant',
  SECURITY_GROUP: 'SecurityGroup',
  SERVER_GROUP: 'ServerGroup',
  ALLOCATION: 'Allocation',
  DATACENTER: 'Datacenter',
  VIRTUAL_MACHINE: 'VirtualMachine',
} as const satisfies Record<SearchType, string>;

/** What is looked for. */
export interface Sought {
  /** Part of a name, or a whole uuid; trimmed, empty for anything. */
  readonly text: string;
  /** Null for any, and for things that have none. */
  readonly states: readonly OverallState[] | null;
  /** How many of each type. */
  readonly first: number;
}
