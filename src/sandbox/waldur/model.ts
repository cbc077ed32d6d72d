/** What the simulated Waldur keeps. Rows are plain objects: tests change them in place. */

export const states = [
  'UPDATE_SCHEDULED',
  'UPDATING',
  'OK',
  'ERRED',
  'CREATION_SCHEDULED',
  'CREATING',
  'DELETION_SCHEDULED',
  'DELETING',
] as const;
/** In the order of Waldur's own numbers, from 1 on: what `o=state` goes by. */
export type State = (typeof states)[number];

export interface Customer {
  uuid: string;
  name: string;
  nativeName: string;
  abbreviation: string;
  description: string;
  email: string;
  phoneNumber: string;
  country: string;
  domain: string;
  created: string;
  /** First octets that a client's address has to begin with; empty = any. */
  accessSubnet: string;
}

export interface Project {
  uuid: string;
  name: string;
  description: string;
  created: string;
  startDate: string | null;
  endDate: string | null;
  backendId: string;
  customer: Customer;
  /** Soft-deleted: gone from the list, still there as a detail. */
  isRemoved: boolean;
}

export interface ServiceSettings {
  uuid: string;
  name: string;
  type: 'OpenStack' | 'OpenPortal';
  state: State;
  errorMessage: string;
  shared: boolean;
  customer: Customer | null;
}

export interface MarketplaceResource {
  uuid: string;
  offeringUuid: string;
  offeringName: string;
  offeringType: string;
  pluginOptions: Record<string, unknown>;
  categoryUuid: string;
  categoryName: string;
  planUuid: string | null;
  state: string;
  isUsageBased: boolean;
  isLimitBased: boolean;
}

export interface Resource {
  uuid: string;
  name: string;
  description: string;
  state: State;
  created: string;
  modified: string;
  backendId: string | null;
  errorMessage: string;
  errorTraceback: string;
  accessUrl: string | string[] | null;
  project: Project;
  settings: ServiceSettings;
  marketplace: MarketplaceResource | null;
}

export interface Tenant extends Resource {
  availabilityZone: string;
  internalNetworkId: string;
  externalNetworkId: string;
  userUsername: string;
  userPassword: string;
  quotas: { name: string; usage: number; limit: number }[];
}

export interface Rule {
  id: number;
  ethertype: 'IPv4' | 'IPv6';
  direction: 'ingress' | 'egress';
  protocol: string;
  fromPort: number;
  toPort: number;
  cidr: string | null;
  description: string;
  remoteGroup: SecurityGroup | null;
}

export interface SecurityGroup extends Resource {
  tenant: Tenant;
  rules: Rule[];
}

export interface ServerGroup extends Resource {
  tenant: Tenant;
  policy: string;
  instances: { uuid: string; name: string; backendId: string | null }[];
}

export interface Allocation extends Resource {
  /** 64 bits: a JSON number beyond what a double can hold. */
  nodeLimit: bigint;
  nodeUsage: string;
  groupname: string | null;
  isActive: boolean;
}

export type RoleName =
  | 'CUSTOMER.OWNER'
  | 'CUSTOMER.MANAGER'
  | 'PROJECT.ADMIN'
  | 'PROJECT.MANAGER'
  | 'PROJECT.MEMBER';

export interface User {
  uuid: string;
  username: string;
  fullName: string;
  email: string;
  token: string;
  password: string;
  isStaff: boolean;
  isSupport: boolean;
  isActive: boolean;
  tokenExpired: boolean;
  roles: { role: RoleName; scope: Customer | Project }[];
}

export interface WaldurWorld {
  readonly customers: Customer[];
  readonly projects: Project[];
  readonly settings: ServiceSettings[];
  readonly tenants: Tenant[];
  readonly securityGroups: SecurityGroup[];
  readonly serverGroups: ServerGroup[];
  readonly allocations: Allocation[];
  readonly users: User[];
}
