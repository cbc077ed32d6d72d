/** OpenStack server groups over Waldur's REST API. */

import type { View } from '../../rows/row.ts';
import type { WaldurWrite } from '../../upstream/waldur/connection.ts';
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
  type CreateServerGroupInput,
  type ServerGroupFilter,
  type ServerGroupInstance,
  serverGroupPolicies,
} from './server-group.model.ts';

const instanceView: View = {
  uuid: waldur.uuid('uuid'),
  name: waldur.text('name'),
  backendId: waldur.textUnlessEmpty('backend_id'),
};

/** Source: GET /api/openstack-server-groups/{uuid}/ in Waldur's API documentation. */
export const serverGroupNoun: WaldurNoun = {
  name: 'ServerGroup',
  collection: 'openstack-server-groups',
  groupings: [
    { owner: 'tenant', parameter: 'tenant_uuid', takesMany: false },
    ...resourceGroupings,
  ],
  view: {
    ...resourceView,
    tenant: waldur.linkUnlessEmpty<Tenant>(tenantNoun, tenantInOwned, tenantHints),
    // Groups pulled from OpenStack may have a policy that Waldur's own list lacks.
    policy: waldur.oneOfOrNull('policy', serverGroupPolicies),
    policyName: waldur.textUnlessEmpty('policy'),
    displayName: waldur.text('display_name'),
    instances: waldur.parts<ServerGroupInstance>('instances', instanceView),
  },
};

export const serverGroupFilter = filterQuery<ServerGroupFilter>({
  ...resourceFilterRules,
  tenant: 'tenant_uuid',
});

/**
 * Source: POST /api/openstack-tenants/{uuid}/create_server_group/; without a tenant the documented
 * POST /api/openstack-server-groups/.
 */
export function serverGroupCreation(input: CreateServerGroupInput): WaldurWrite {
  const { name, description, policy, tenant } = input;
  return {
    method: 'POST',
    path: tenant
      ? [tenantNoun.collection, tenant, 'create_server_group']
      : [serverGroupNoun.collection],
    body: {
      name,
      description: description ?? '',
      policy: policy?.toLowerCase().replaceAll('_', '-') ?? '',
    },
    names: { fields: { ...resourceNames, policy: 'policy' } },
  };
}
