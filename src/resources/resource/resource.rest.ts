/** What Waldur's resources have in common over REST. */

import type { View } from '../../rows/row.ts';
import type { WaldurWrite } from '../../upstream/waldur/connection.ts';
import { type FilterRule, orderQuery } from '../../upstream/waldur/query.ts';
import { waldur } from '../../upstream/waldur/readings.ts';
import type { WaldurNoun } from '../../upstream/waldur/source.ts';
import type { Customer } from '../customer/customer.model.ts';
import { customerInOwned, customerNoun } from '../customer/customer.rest.ts';
import type { Project } from '../project/project.model.ts';
import { projectHints, projectInOwned, projectNoun } from '../project/project.rest.ts';
import {
  type MarkErredInput,
  type MarketplaceLink,
  type ResourceFilter,
  type ResourceOrderField,
  resourceStates,
  type ServiceSettings,
} from './resource.model.ts';

const serviceSettingsView: View = {
  uuid: waldur.uuid('service_settings_uuid'),
  url: waldur.text('service_settings'),
  name: waldur.text('service_name'),
  state: waldur.oneOf('service_settings_state', resourceStates),
  errorMessage: waldur.textUnlessEmpty('service_settings_error_message'),
};

const marketplaceView: View = {
  offeringUuid: waldur.uuidOrNull('marketplace_offering_uuid'),
  offeringName: waldur.textOrNull('marketplace_offering_name'),
  offeringType: waldur.textOrNull('marketplace_offering_type'),
  offeringPluginOptions: waldur.json('marketplace_offering_plugin_options'),
  categoryUuid: waldur.uuidOrNull('marketplace_category_uuid'),
  categoryName: waldur.textOrNull('marketplace_category_name'),
  resourceUuid: waldur.uuidOrNull('marketplace_resource_uuid'),
  resourceState: waldur.textOrNull('marketplace_resource_state'),
  planUuid: waldur.uuidOrNull('marketplace_plan_uuid'),
  isUsageBased: waldur.flagOrNull('is_usage_based'),
  isLimitBased: waldur.flagOrNull('is_limit_based'),
};

/** What every resource's row can tell; a resource's own view adds to it. */
export const resourceView: View = {
  uuid: waldur.uuid('uuid'),
  url: waldur.text('url'),
  name: waldur.text('name'),
  description: waldur.text('description'),
  state: waldur.oneOf('state', resourceStates),
  created: waldur.instant('created'),
  modified: waldur.instant('modified'),
  backendId: waldur.textUnlessEmpty('backend_id'),
  errorMessage: waldur.textUnlessEmpty('error_message'),
  errorTraceback: waldur.textUnlessEmpty('error_traceback'),
  resourceType: waldur.text('resource_type'),
  accessUrl: waldur.firstText('access_url'),
  project: waldur.link<Project>(projectNoun, projectInOwned, projectHints),
  customer: waldur.link<Customer>(customerNoun, customerInOwned),
  serviceSettings: waldur.part<ServiceSettings>('serviceSettings', serviceSettingsView),
  marketplace: waldur.partUnlessEmpty<MarketplaceLink>(
    'marketplace',
    'marketplace_resource_uuid',
    marketplaceView,
  ),
};

/** Listing a resource by who owns it; Waldur takes one owner a call. */
export const resourceGroupings = [
  { owner: 'project', parameter: 'project_uuid', takesMany: false },
  { owner: 'customer', parameter: 'customer_uuid', takesMany: false },
];

/** Rules for `filterQuery`, the same for every resource. */
export const resourceFilterRules: Record<keyof ResourceFilter, FilterRule> = {
  name: 'name',
  nameExact: 'name_exact',
  description: 'description',
  backendId: 'backend_id',
  state: 'state',
  // Waldur restricts for `false` as well, so that must not be sent.
  canManage: (value) => (value === true ? [['can_manage', 'true']] : []),
  project: 'project_uuid',
  projectName: 'project_name',
  customer: 'customer_uuid',
  customerName: 'customer_name',
  customerNativeName: 'customer_native_name',
  customerAbbreviation: 'customer_abbreviation',
  serviceSettings: 'service_settings_uuid',
  serviceSettingsName: 'service_settings_name',
  externalIp: 'external_ip',
};

export const resourceOrder = orderQuery<ResourceOrderField>({
  NAME: 'name',
  STATE: 'state',
  CREATED: 'created',
  CUSTOMER_NAME: 'customer_name',
  CUSTOMER_NATIVE_NAME: 'customer_native_name',
  CUSTOMER_ABBREVIATION: 'customer_abbreviation',
  PROJECT_NAME: 'project_name',
  SERVICE_NAME: 'service_name',
});

/** Waldur's names for what every resource's input has. */
export const resourceNames = { name: 'name', description: 'description' };

/** An action without a body. Source: POST /api/…/{uuid}/pull/ and its neighbours. */
export function actionOn(
  { collection }: WaldurNoun,
  uuid: string,
  action: 'pull' | 'unlink' | 'set_ok',
): WaldurWrite {
  return { method: 'POST', path: [collection, uuid, action], names: { fields: {} } };
}

/** Waldur empties what is left out, so nothing is. */
export function markErredOn({ collection }: WaldurNoun, input: MarkErredInput): WaldurWrite {
  return {
    method: 'POST',
    path: [collection, input.uuid, 'set_erred'],
    body: {
      error_message: input.errorMessage ?? '',
      error_traceback: input.errorTraceback ?? '',
    },
    names: { fields: { error_message: 'errorMessage', error_traceback: 'errorTraceback' } },
  };
}

export function deletionOf({ collection }: WaldurNoun, uuid: string): WaldurWrite {
  return { method: 'DELETE', path: [collection, uuid], names: { fields: {} } };
}
