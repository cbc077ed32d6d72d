/** OpenPortal allocations over Waldur's REST API. */

import { filterQuery } from '../../upstream/waldur/query.ts';
import { waldur } from '../../upstream/waldur/readings.ts';
import type { WaldurNoun } from '../../upstream/waldur/shelf.ts';
import { resourceFilterRules, resourceGroupings, resourceView } from '../resource/resource.rest.ts';
import type { AllocationFilter } from './allocation.model.ts';

/** Source: GET /api/openportal-allocations/{uuid}/ in Waldur's API documentation. */
export const allocationNoun: WaldurNoun = {
  name: 'Allocation',
  collection: 'openportal-allocations',
  groupings: resourceGroupings,
  view: {
    ...resourceView,
    nodeLimit: waldur.limit('node_limit'),
    nodeUsage: waldur.decimal('node_usage'),
    groupname: waldur.textUnlessEmpty('groupname'),
    isActive: waldur.flag('is_active'),
  },
};

export const allocationFilter = filterQuery<AllocationFilter>({
  ...resourceFilterRules,
  isActive: 'is_active',
});
