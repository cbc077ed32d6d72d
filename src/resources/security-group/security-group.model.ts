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

/** A rule as a client gives it; absent = not said. */
export interface SecurityGroupRuleInput {
  ruleId?: number | null | undefined;
  ethertype?: SecurityGroupRule['ethertype'] | null | undefined;
  direction?: SecurityGroupRule['direction'] | null | undefined;
  protocol?: string | null | undefined;
  fromPort?: number | null | undefined;
  toPort?: number | null | undefined;
  cidr?: string | null | undefined;
  description?: string | null | undefined;
  remoteGroup?: string | null | undefined;
}

/** A rule about which everything is said: null = any. */
export interface WholeRule {
  /** The rule that is kept and changed; null for a new one. */
  ruleId: number | null;
  ethertype: SecurityGroupRule['ethertype'];
  direction: SecurityGroupRule['direction'];
  protocol: string | null;
  fromPort: number | null;
  toPort: number | null;
  cidr: string | null;
  description: string;
  /** By uuid. */
  remoteGroup: string | null;
}

export interface CreateSecurityGroupInput {
  tenant: string;
  name: string;
  description?: string | null | undefined;
  rules: readonly SecurityGroupRuleInput[];
}

export interface UpdateSecurityGroupInput {
  uuid: string;
  name?: string | null | undefined;
  description?: string | null | undefined;
}

export interface ReplaceSecurityGroupInput extends UpdateSecurityGroupInput {
  name: string;
}

/** Also for rules to add. */
export interface SetSecurityGroupRulesInput {
  uuid: string;
  rules: readonly SecurityGroupRuleInput[];
}

export interface RemoveSecurityGroupRulesInput {
  uuid: string;
  ruleIds: readonly number[];
}

export interface SecurityGroupFilter extends ResourceFilter {
  query?: string | null | undefined;
  tenant?: string | null | undefined;
}
