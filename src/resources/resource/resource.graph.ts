/** What every provisioned Waldur resource has, in the graph. */

import type { InputFieldBuilder } from '@pothos/core';
import { builder, type GraphTypes } from '../../graph/builder.ts';
import { sortDirection } from '../../graph/listing.ts';
import { NodeRef } from '../../graph/node.ts';
import { ConflictRef } from '../../graph/refusals.ts';
import { followed, shown } from '../../graph/shown.ts';
import type { Row } from '../../rows/row.ts';
import { CustomerRef } from '../customer/customer.graph.ts';
import { ProjectRef } from '../project/project.graph.ts';
import type {
  MarketplaceLink,
  Resource,
  ResourceOrderField,
  ResourceState,
  ServiceSettings,
} from './resource.model.ts';

export const ResourceStateRef = builder.enumType('ResourceState', {
  description: 'Where a resource is in its life.',
  values: {
    CREATION_SCHEDULED: { description: 'Accepted; its creation has not begun.' },
    CREATING: { description: 'Being created at the backend.' },
    UPDATE_SCHEDULED: { description: 'A change was accepted and has not begun.' },
    UPDATING: { description: 'Being changed at, or read again from, the backend.' },
    DELETION_SCHEDULED: { description: 'Its deletion was accepted and has not begun.' },
    DELETING: { description: 'Being deleted at the backend.' },
    OK: { description: 'Settled, and as asked for.' },
    ERRED: { description: 'Settled, after an operation that failed: see errorMessage.' },
  } satisfies Record<ResourceState, object>,
});

const ServiceSettingsRef = builder.objectRef<Row<ServiceSettings>>('ServiceSettings').implement({
  description: "The backend that a resource lives in, as Waldur's administrators set it up.",
  shareable: true,
  fields: (t) => ({
    uuid: t.field({ type: 'UUID', description: "Waldur's identifier.", ...shown('uuid') }),
    url: t.field({ type: 'URL', description: 'Its address in the REST API.', ...shown('url') }),
    name: t.field({ type: 'String', description: 'As shown to users.', ...shown('name') }),
    state: t.field({
      type: ResourceStateRef,
      description: 'Whether Waldur reaches the backend: OK or ERRED, mostly.',
      ...shown('state'),
    }),
    errorMessage: t.field({
      type: 'String',
      nullable: true,
      description: 'Why it is ERRED; null when there is no error.',
      ...shown('errorMessage'),
    }),
  }),
});

const MarketplaceLinkRef = builder.objectRef<Row<MarketplaceLink>>('MarketplaceLink').implement({
  description: 'How a resource was ordered through the marketplace.',
  shareable: true,
  fields: (t) => ({
    offeringUuid: t.field({
      type: 'UUID',
      nullable: true,
      description: 'The offering; null when the marketplace does not tell.',
      ...shown('offeringUuid'),
    }),
    offeringName: t.field({
      type: 'String',
      nullable: true,
      description: "The offering's name; null when the marketplace does not tell.",
      ...shown('offeringName'),
    }),
    offeringType: t.field({
      type: 'String',
      nullable: true,
      description: "The offering's plugin, e.g. OpenPortal.Allocation; null before Waldur 8.0.6.",
      ...shown('offeringType'),
    }),
    offeringPluginOptions: t.field({
      type: 'JSON',
      nullable: true,
      description:
        "The offering's own settings, whatever its plugin keeps there; null without any.",
      ...shown('offeringPluginOptions'),
    }),
    categoryUuid: t.field({
      type: 'UUID',
      nullable: true,
      description: "The offering's category; null when the marketplace does not tell.",
      ...shown('categoryUuid'),
    }),
    categoryName: t.field({
      type: 'String',
      nullable: true,
      description: "The category's name; null when the marketplace does not tell.",
      ...shown('categoryName'),
    }),
    resourceUuid: t.field({
      type: 'UUID',
      nullable: true,
      description: "The marketplace's own entry for the resource; null when it does not tell.",
      ...shown('resourceUuid'),
    }),
    resourceState: t.field({
      type: 'String',
      nullable: true,
      description:
        "That entry's state in the marketplace's words, e.g. Terminating; null when it does not tell.",
      ...shown('resourceState'),
    }),
    planUuid: t.field({
      type: 'UUID',
      nullable: true,
      description: 'The plan it is billed by; null when it has none.',
      ...shown('planUuid'),
    }),
    isUsageBased: t.field({
      type: 'Boolean',
      nullable: true,
      description: 'Whether use is billed; null when not known.',
      ...shown('isUsageBased'),
    }),
    isLimitBased: t.field({
      type: 'Boolean',
      nullable: true,
      description: 'Whether limits are billed; null when not known.',
      ...shown('isLimitBased'),
    }),
  }),
});

export const ResourceRef = builder.interfaceRef<Row<Resource>>('Resource').implement({
  description: 'What every provisioned Waldur resource has.',
  interfaces: [NodeRef],
  resolveType: (row) => row.noun?.name,
  fields: (t) => ({
    uuid: t.field({ type: 'UUID', description: "Waldur's identifier.", ...shown('uuid') }),
    url: t.field({ type: 'URL', description: 'Its address in the REST API.', ...shown('url') }),
    name: t.field({ type: 'String', description: 'As shown to users.', ...shown('name') }),
    description: t.field({
      type: 'String',
      description: 'Empty when it has none.',
      ...shown('description'),
    }),
    state: t.field({
      type: ResourceStateRef,
      description: 'Where it is in its life.',
      ...shown('state'),
    }),
    inTransition: t.boolean({
      description: 'Whether an asynchronous operation is under way: scheduled or running.',
      extensions: { needs: ['state'] },
      resolve: async (row) => {
        const state = await row.get('state');
        return state !== 'OK' && state !== 'ERRED';
      },
    }),
    created: t.field({
      type: 'DateTime',
      description: 'When it was created.',
      ...shown('created'),
    }),
    modified: t.field({
      type: 'DateTime',
      description: 'When Waldur last saved it; each change of state counts.',
      ...shown('modified'),
    }),
    backendId: t.field({
      type: 'String',
      nullable: true,
      description: "The backend's identifier; null until the backend has given one.",
      ...shown('backendId'),
    }),
    errorMessage: t.field({
      type: 'String',
      nullable: true,
      description: 'What the last operation failed with; null when there is no error.',
      ...shown('errorMessage'),
    }),
    errorTraceback: t.field({
      type: 'String',
      nullable: true,
      description: 'The technical trace of that error; null when there is none.',
      tag: 'internal',
      ...shown('errorTraceback'),
    }),
    resourceType: t.field({
      type: 'String',
      description: "Waldur's name for the kind of resource, e.g. OpenStack.SecurityGroup.",
      ...shown('resourceType'),
    }),
    accessUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'Where a person can open it, the first of several; null when there is no such place.',
      ...shown('accessUrl'),
    }),
    project: t.field({
      type: ProjectRef,
      description: 'Where it belongs.',
      ...followed('project'),
    }),
    customer: t.field({
      type: CustomerRef,
      description: "The project's owner.",
      ...followed('customer'),
    }),
    serviceSettings: t.field({
      type: ServiceSettingsRef,
      description: 'The backend that it lives in.',
      ...followed('serviceSettings'),
    }),
    marketplace: t.field({
      type: MarketplaceLinkRef,
      nullable: true,
      description: 'How it was ordered; null when that was not through the marketplace.',
      ...followed('marketplace'),
    }),
  }),
});

builder.objectField(ConflictRef, 'current', (t) =>
  t.field({
    type: ResourceRef,
    nullable: true,
    description:
      'The resource as it is now, when it was modified since ifModified; null for every other reason.',
    resolve: ({ current }) => current as Row<Resource> | null,
  }),
);

const ResourceOrderFieldRef = builder.enumType('ResourceOrderField', {
  description: 'What resources can be ordered by.',
  values: {
    NAME: { description: 'Their name.' },
    STATE: {
      description:
        "Their state by Waldur's own numbers: UPDATE_SCHEDULED, UPDATING, OK, ERRED, CREATION_SCHEDULED, CREATING, DELETION_SCHEDULED, DELETING.",
    },
    CREATED: { description: 'When they were created.' },
    CUSTOMER_NAME: { description: "Their customer's name." },
    CUSTOMER_NATIVE_NAME: { description: "Their customer's native name." },
    CUSTOMER_ABBREVIATION: { description: "Their customer's abbreviation." },
    PROJECT_NAME: { description: "Their project's name." },
    SERVICE_NAME: { description: "Their service settings' name." },
  } satisfies Record<ResourceOrderField, object>,
});

export const ResourceOrderRef = builder.inputType('ResourceOrder', {
  description: 'One key of an order; equals are ordered by the next, in the end by creation.',
  fields: (t) => ({
    field: t.field({
      type: ResourceOrderFieldRef,
      required: true,
      description: 'What to compare.',
    }),
    direction: t.field(sortDirection),
  }),
});

export const filterDescription =
  'All that is given has to hold; null and empty texts do not filter.';

type FilterFields = InputFieldBuilder<
  PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>,
  'InputObject'
>;

/** The inputs that the filters of all resources have. */
export function resourceFilterFields(t: FilterFields) {
  return {
    name: t.string({ description: 'Part of the name, in any case.' }),
    nameExact: t.string({ description: 'The whole name.' }),
    description: t.string({ description: 'Part of the description, in any case.' }),
    backendId: t.string({ description: "The backend's whole identifier." }),
    state: t.field({
      type: [ResourceStateRef],
      description: 'In one of these states; none match an empty list.',
    }),
    canManage: t.boolean({
      description: 'True: only what the caller may change. False does not filter.',
    }),
    project: t.field({ type: 'UUID', description: 'In this project.' }),
    projectName: t.string({ description: "Part of the project's name, in any case." }),
    customer: t.field({ type: 'UUID', description: 'Owned by this customer.' }),
    customerName: t.string({ description: "Part of the customer's name, in any case." }),
    customerNativeName: t.string({
      description: "Part of the customer's native name, in any case.",
    }),
    customerAbbreviation: t.string({
      description: "Part of the customer's abbreviation, in any case.",
    }),
    serviceSettings: t.field({ type: 'UUID', description: 'In the backend of these settings.' }),
    serviceSettingsName: t.string({
      description: "Part of the service settings' name, in any case.",
    }),
    externalIp: t.string({
      description: 'With this external address. None of these resources has one, so none match.',
    }),
  };
}
