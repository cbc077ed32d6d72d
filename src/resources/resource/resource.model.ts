/** What every provisioned Waldur resource has. */

import type { Row } from '../../rows/row.ts';
import type { Customer } from '../customer/customer.model.ts';
import type { Project } from '../project/project.model.ts';

export const resourceStates = [
  'CREATION_SCHEDULED',
  'CREATING',
  'UPDATE_SCHEDULED',
  'UPDATING',
  'DELETION_SCHEDULED',
  'DELETING',
  'OK',
  'ERRED',
] as const;
export type ResourceState = (typeof resourceStates)[number];

/** Where something of any cloud is in its life, in words that all of them have. */
export type OverallState = 'OK' | 'ERRED' | 'IN_TRANSITION';

/** The same in Waldur's words. */
export const statesOf: Readonly<Record<OverallState, readonly ResourceState[]>> = {
  OK: ['OK'],
  ERRED: ['ERRED'],
  IN_TRANSITION: resourceStates.filter((state) => state !== 'OK' && state !== 'ERRED'),
};

export interface Resource {
  uuid: string;
  url: string;
  name: string;
  description: string;
  state: ResourceState;
  created: string;
  modified: string;
  backendId: string | null;
  errorMessage: string | null;
  errorTraceback: string | null;
  resourceType: string;
  accessUrl: string | null;
  project: Row<Project>;
  customer: Row<Customer>;
  serviceSettings: Row<ServiceSettings>;
  marketplace: Row<MarketplaceLink> | null;
}

export interface ServiceSettings {
  uuid: string;
  url: string;
  name: string;
  state: ResourceState;
  errorMessage: string | null;
}

export interface MarketplaceLink {
  offeringUuid: string | null;
  offeringName: string | null;
  offeringType: string | null;
  offeringPluginOptions: unknown;
  categoryUuid: string | null;
  categoryName: string | null;
  resourceUuid: string | null;
  resourceState: string | null;
  planUuid: string | null;
  isUsageBased: boolean | null;
  isLimitBased: boolean | null;
}

/** What the lists of all resources can be filtered by. */
export interface ResourceFilter {
  name?: string | null | undefined;
  nameExact?: string | null | undefined;
  description?: string | null | undefined;
  backendId?: string | null | undefined;
  state?: readonly ResourceState[] | null | undefined;
  canManage?: boolean | null | undefined;
  project?: string | null | undefined;
  projectName?: string | null | undefined;
  customer?: string | null | undefined;
  customerName?: string | null | undefined;
  customerNativeName?: string | null | undefined;
  customerAbbreviation?: string | null | undefined;
  serviceSettings?: string | null | undefined;
  serviceSettingsName?: string | null | undefined;
  externalIp?: string | null | undefined;
}

export interface MarkErredInput {
  uuid: string;
  errorMessage?: string | null | undefined;
  errorTraceback?: string | null | undefined;
}

export type ResourceOrderField =
  | 'NAME'
  | 'STATE'
  | 'CREATED'
  | 'CUSTOMER_NAME'
  | 'CUSTOMER_NATIVE_NAME'
  | 'CUSTOMER_ABBREVIATION'
  | 'PROJECT_NAME'
  | 'SERVICE_NAME';
