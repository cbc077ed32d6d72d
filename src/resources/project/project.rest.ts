/** Projects over Waldur's REST API. */

import type { View } from '../../rows/row.ts';
import { filterQuery, orderQuery } from '../../upstream/waldur/query.ts';
import { waldur } from '../../upstream/waldur/readings.ts';
import type { WaldurNoun } from '../../upstream/waldur/source.ts';
import type { Customer } from '../customer/customer.model.ts';
import { customerInOwned, customerNoun } from '../customer/customer.rest.ts';
import type { ProjectFilter, ProjectOrderField } from './project.model.ts';

/** Source: GET /api/projects/{uuid}/ in Waldur's API documentation. */
export const projectNoun: WaldurNoun = {
  name: 'Project',
  collection: 'projects',
  groupings: [{ owner: 'customer', parameter: 'customer', takesMany: true }],
  view: {
    uuid: waldur.uuid('uuid'),
    url: waldur.text('url'),
    name: waldur.text('name'),
    description: waldur.text('description'),
    created: waldur.instantOrNull('created'),
    startDate: waldur.textOrNull('start_date'),
    endDate: waldur.textOrNull('end_date'),
    backendId: waldur.textUnlessEmpty('backend_id'),
    customer: waldur.link<Customer>(customerNoun, customerInOwned),
  },
};

/** What the row of anything in a project holds of the project. */
export const projectInOwned: View = {
  uuid: waldur.uuid('project_uuid'),
  url: waldur.text('project'),
  name: waldur.text('project_name'),
  customer: waldur.link<Customer>(customerNoun, customerInOwned),
};

/** Upstream fields that tell a project's owner: they let many projects load in one call. */
export const projectHints = ['customer'];

export const projectFilter = filterQuery<ProjectFilter>({
  name: 'name',
  nameExact: 'name_exact',
  query: 'query',
  // Comma-joined: of repeated parameters Waldur reads the last alone.
  customers: (uuids) => [['customer', String(uuids)]],
  // Waldur restricts for `false` as well, so that must not be sent.
  canManage: (value) => (value === true ? [['can_manage', 'true']] : []),
});

export const projectOrder = orderQuery<ProjectOrderField>({
  NAME: 'name',
  CREATED: 'created',
  CUSTOMER_NAME: 'customer_name',
  START_DATE: 'start_date',
  END_DATE: 'end_date',
});
