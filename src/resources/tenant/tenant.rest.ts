/** OpenStack tenants over Waldur's REST API. */

import type { View } from '../../rows/row.ts';
import { filterQuery } from '../../upstream/waldur/query.ts';
import { waldur } from '../../upstream/waldur/readings.ts';
import type { WaldurNoun } from '../../upstream/waldur/source.ts';
import { resourceFilterRules, resourceGroupings, resourceView } from '../resource/resource.rest.ts';
import type { Quota, TenantFilter } from './tenant.model.ts';

const quotaView: View = {
  name: waldur.text('name'),
  usage: waldur.bigInteger('usage'),
  limit: waldur.limit('limit'),
};

/**
 * Its rows also have the tenant's user name and password in plain text, which are never asked for.
 *
 * Source: GET /api/openstack-tenants/{uuid}/ in Waldur's API documentation.
 */
export const tenantNoun: WaldurNoun = {
  name: 'Tenant',
  collection: 'openstack-tenants',
  groupings: resourceGroupings,
  view: {
    ...resourceView,
    availabilityZone: waldur.textUnlessEmpty('availability_zone'),
    internalNetworkId: waldur.textUnlessEmpty('internal_network_id'),
    externalNetworkId: waldur.textUnlessEmpty('external_network_id'),
    quotas: waldur.parts<Quota>('quotas', quotaView),
  },
};

/** What the row of anything in a tenant holds of the tenant, its owners included. */
export const tenantInOwned: View = {
  uuid: waldur.uuid('tenant_uuid'),
  url: waldur.text('tenant'),
  name: waldur.text('tenant_name'),
  // A tenant and what is in it have the same project and customer.
  project: resourceView.project as View[string],
  customer: resourceView.customer as View[string],
};

/** Upstream fields that tell a tenant's owners: they let many tenants load in few calls. */
export const tenantHints = ['project_uuid', 'customer'];

export const tenantFilter = filterQuery<TenantFilter>(resourceFilterRules);
