/** OpenPortal allocations over Waldur's REST API. */

import { wholeNumber } from '../../upstream/http/json.ts';
import type { WaldurConnection, WaldurWrite } from '../../upstream/waldur/connection.ts';
import { filterQuery } from '../../upstream/waldur/query.ts';
import { waldur } from '../../upstream/waldur/readings.ts';
import type { WaldurNoun } from '../../upstream/waldur/source.ts';
import { projectNoun } from '../project/project.rest.ts';
import {
  resourceFilterRules,
  resourceGroupings,
  resourceNames,
  resourceView,
} from '../resource/resource.rest.ts';
import type {
  AllocationFilter,
  CreateAllocationInput,
  ReplaceAllocationInput,
  SetAllocationLimitsInput,
  UpdateAllocationInput,
} from './allocation.model.ts';

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

const names = {
  fields: {
    ...resourceNames,
    project: 'project',
    service_settings: 'serviceSettings',
    node_limit: 'nodeLimit',
    groupname: 'groupname',
  },
};

/** Source: POST /api/openportal-allocations/. Waldur takes no -1 here. */
export function allocationCreation(
  waldur: WaldurConnection,
  { project, serviceSettings, name, description, nodeLimit, groupname }: CreateAllocationInput,
): WaldurWrite {
  return {
    method: 'POST',
    path: [allocationNoun.collection],
    body: {
      name,
      description: description ?? '',
      project: waldur.hyperlink(projectNoun.collection, project),
      service_settings: waldur.hyperlink('service-settings', serviceSettings),
      ...(nodeLimit == null ? {} : { node_limit: wholeNumber(nodeLimit) }),
      ...(groupname == null ? {} : { groupname }),
    },
    names,
  };
}

/** Source: PATCH /api/openportal-allocations/{uuid}/. Null and absent leave a field as it is. */
export function allocationUpdate(input: UpdateAllocationInput): WaldurWrite {
  const { uuid, name, description, nodeLimit, groupname } = input;
  return {
    method: 'PATCH',
    path: [allocationNoun.collection, uuid],
    body: {
      ...(name == null ? {} : { name }),
      ...(description == null ? {} : { description }),
      ...(nodeLimit == null ? {} : { node_limit: wholeNumber(nodeLimit) }),
      ...(groupname == null ? {} : { groupname }),
    },
    names,
  };
}

/**
 * Source: PUT /api/openportal-allocations/{uuid}/. Waldur keeps what a body leaves out, so everything
 * is in it.
 */
export function allocationReplacement(
  waldur: WaldurConnection,
  input: ReplaceAllocationInput,
): WaldurWrite {
  const { uuid, project, serviceSettings, name, description, nodeLimit, groupname } = input;
  return {
    method: 'PUT',
    path: [allocationNoun.collection, uuid],
    body: {
      name,
      description: description ?? '',
      project: waldur.hyperlink(projectNoun.collection, project),
      service_settings: waldur.hyperlink('service-settings', serviceSettings),
      node_limit: wholeNumber(nodeLimit ?? 0),
      groupname: groupname ?? '',
    },
    names,
  };
}

/** Source: POST /api/openportal-allocations/{uuid}/set_limits/. -1 is Waldur's unlimited. */
export function allocationLimits({ uuid, nodeLimit }: SetAllocationLimitsInput): WaldurWrite {
  return {
    method: 'POST',
    path: [allocationNoun.collection, uuid, 'set_limits'],
    body: { node_limit: wholeNumber(nodeLimit ?? -1) },
    names,
  };
}
