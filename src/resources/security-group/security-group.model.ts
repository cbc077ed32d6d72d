import type { Row } from '../../rows/row.ts';
import type { Resource, ResourceFilter } from '../resource/resource.model.ts';
import type { Tenant } from '../tenant/tenant.model.ts';

export interface SecurityGroup extends Resource {
  tenant: Row<Tenant> | null;
  rules: Row<SecurityGroupRule>[];
}

export const ethertypes = ['IPV4', 'IPV6'] as const;
export const ruleDirections = ['INGRESS', 'EGRESS'] as const;

export interface SecurityGroupRule {
  ruleId: number;
  ethertype: (typeof ethertypes)[number];
  direction: (typeof ruleDirections)[number];
  protocol: string | null;
  fromPort: number | null;
  toPort: number | null;
  cidr: string | null;
  description: string;
  remoteGroup: Row<SecurityGroup> | null;
}

export interface SecurityGroupFilter extends ResourceFilter {
  query?: string | null | undefined;
  tenant?: string | null | undefined;
}
