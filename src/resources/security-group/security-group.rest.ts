/** OpenStack security groups over Waldur's REST API. */

import type { View } from '../../rows/row.ts';
import { filterQuery } from '../../upstream/waldur/query.ts';
import { waldur } from '../../upstream/waldur/readings.ts';
import type { WaldurNoun } from '../../upstream/waldur/shelf.ts';
import { resourceFilterRules, resourceGroupings, resourceView } from '../resource/resource.rest.ts';
import type { Tenant } from '../tenant/tenant.model.ts';
import { tenantHints, tenantInOwned, tenantNoun } from '../tenant/tenant.rest.ts';
import {
  ethertypes,
  ruleDirections,
  type SecurityGroup,
  type SecurityGroupFilter,
  type SecurityGroupRule,
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
