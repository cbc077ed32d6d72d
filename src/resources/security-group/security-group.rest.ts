/** OpenStack security groups over Waldur's REST API. */

import type { View } from '../../rows/row.ts';
import type { WaldurConnection, WaldurWrite } from '../../upstream/waldur/connection.ts';
import { filterQuery } from '../../upstream/waldur/query.ts';
import { waldur } from '../../upstream/waldur/readings.ts';
import type { WaldurNoun } from '../../upstream/waldur/source.ts';
import {
  resourceFilterRules,
  resourceGroupings,
  resourceNames,
  resourceView,
} from '../resource/resource.rest.ts';
import type { Tenant } from '../tenant/tenant.model.ts';
import { tenantHints, tenantInOwned, tenantNoun } from '../tenant/tenant.rest.ts';
import {
  type CreateSecurityGroupInput,
  ethertypes,
  type ReplaceSecurityGroupInput,
  ruleDirections,
  type SecurityGroup,
  type SecurityGroupFilter,
  type SecurityGroupRule,
  type UpdateSecurityGroupInput,
  type WholeRule,
} from './security-group.model.ts';

/** What a rule holds of its remote group. Waldur leaves both keys out where there is none. */
const remoteGroupInRule: View = {
  uuid: waldur.uuid('remote_group_uuid'),
  url: waldur.text('remote_group'),
  name: waldur.text('remote_group_name'),
};

const ruleView: View = {
  ruleId: waldur.integer('id'),
  ethertype: waldur.oneOf('ethertype', ethertypes),
  direction: waldur.oneOf('direction', ruleDirections),
  protocol: waldur.textUnlessEmpty('protocol'),
  fromPort: waldur.port('from_port'),
  toPort: waldur.port('to_port'),
  cidr: waldur.textUnlessEmpty('cidr'),
  description: waldur.text('description'),
  remoteGroup: waldur.linkUnlessEmpty<SecurityGroup>(() => securityGroupNoun, remoteGroupInRule),
};

/** Source: GET /api/openstack-security-groups/{uuid}/ in Waldur's API documentation. */
export const securityGroupNoun: WaldurNoun = {
  name: 'SecurityGroup',
  collection: 'openstack-security-groups',
  groupings: [
    { owner: 'tenant', parameter: 'tenant_uuid', takesMany: false },
    ...resourceGroupings,
  ],
  view: {
    ...resourceView,
    tenant: waldur.linkUnlessEmpty<Tenant>(tenantNoun, tenantInOwned, tenantHints),
    rules: waldur.parts<SecurityGroupRule>('rules', ruleView),
  },
};

export const securityGroupFilter = filterQuery<SecurityGroupFilter>({
  ...resourceFilterRules,
  query: 'query',
  tenant: 'tenant_uuid',
});

const ruleNames = {
  id: 'ruleId',
  ethertype: 'ethertype',
  direction: 'direction',
  protocol: 'protocol',
  from_port: 'fromPort',
  to_port: 'toPort',
  cidr: 'cidr',
  description: 'description',
  remote_group: 'remoteGroup',
};

/** Waldur resets a kept rule's direction and ethertype when they are left out: nothing ever is. */
function ruleBody(waldur: WaldurConnection, rule: WholeRule): object {
  return {
    ...(rule.ruleId === null ? {} : { id: rule.ruleId }),
    ethertype: rule.ethertype === 'IPV4' ? 'IPv4' : 'IPv6',
    direction: rule.direction.toLowerCase(),
    protocol: rule.protocol ?? '',
    from_port: rule.fromPort ?? -1,
    to_port: rule.toPort ?? -1,
    cidr: rule.cidr,
    description: rule.description,
    remote_group:
      rule.remoteGroup === null
        ? null
        : waldur.hyperlink(securityGroupNoun.collection, rule.remoteGroup),
  };
}

/** Source: POST /api/openstack-tenants/{uuid}/create_security_group/. */
export function securityGroupCreation(
  waldur: WaldurConnection,
  { tenant, name, description }: CreateSecurityGroupInput,
  rules: readonly WholeRule[],
): WaldurWrite {
  return {
    method: 'POST',
    path: [tenantNoun.collection, tenant, 'create_security_group'],
    body: {
      name,
      description: description ?? '',
      rules: rules.map((rule) => ruleBody(waldur, rule)),
    },
    names: { fields: { ...ruleNames, ...resourceNames, rules: 'rules' } },
  };
}

/** Source: PATCH /api/openstack-security-groups/{uuid}/. Null and absent leave a field as it is. */
export function securityGroupUpdate(input: UpdateSecurityGroupInput): WaldurWrite {
  const { uuid, name, description } = input;
  return {
    method: 'PATCH',
    path: [securityGroupNoun.collection, uuid],
    body: {
      ...(name == null ? {} : { name }),
      ...(description == null ? {} : { description }),
    },
    names: { fields: resourceNames },
  };
}

/** Source: PUT, likewise. Waldur keeps what a body leaves out, so everything is in it. */
export function securityGroupReplacement(input: ReplaceSecurityGroupInput): WaldurWrite {
  const { uuid, name, description } = input;
  return {
    method: 'PUT',
    path: [securityGroupNoun.collection, uuid],
    body: { name, description: description ?? '' },
    names: { fields: resourceNames },
  };
}

/**
 * Source: POST /api/openstack-security-groups/{uuid}/set_rules/, whose body is the list itself.
 *
 * @param before - how many of the rules come before those of the input
 */
export function securityGroupRules(
  waldur: WaldurConnection,
  uuid: string,
  rules: readonly WholeRule[],
  before = 0,
): WaldurWrite {
  return {
    method: 'POST',
    path: [securityGroupNoun.collection, uuid, 'set_rules'],
    body: rules.map((rule) => ruleBody(waldur, rule)),
    names: { fields: ruleNames, within: 'rules', before },
  };
}
