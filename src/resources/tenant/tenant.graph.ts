/** OpenStack tenants in the graph. */

import { builder } from '../../graph/builder.ts';
import { addEntity, byUuid } from '../../graph/entity.ts';
import { pageOf } from '../../graph/listing.ts';
import { isUuid, NodeRef, registerNode } from '../../graph/node.ts';
import { connectionOf, pageArgs, sized } from '../../graph/paging.ts';
import { wantedIn } from '../../graph/selection.ts';
import { shown } from '../../graph/shown.ts';
import type { Row } from '../../rows/row.ts';
import { CustomerRef } from '../customer/customer.graph.ts';
import { ProjectRef } from '../project/project.graph.ts';
import {
  filterDescription,
  ResourceOrderRef,
  ResourceRef,
  resourceFilterFields,
} from '../resource/resource.graph.ts';
import { tenantByUuid, tenants } from './tenant.access.ts';
import type { Quota, Tenant, TenantFilter } from './tenant.model.ts';

export const TenantRef = builder.objectRef<Row<Tenant>>('Tenant');

registerNode({
  name: 'Tenant',
  keyOf: (tenant: Row<Tenant>) => tenant.key,
  isKey: isUuid,
  load: tenantByUuid,
});

addEntity(TenantRef, { name: 'Tenant', upstream: 'waldur', keys: [byUuid(tenantByUuid)] });

const QuotaRef = builder.objectRef<Row<Quota>>('Quota').implement({
  shareable: true,
  description: 'How much of something a tenant uses, and may.',
  fields: (t) => ({
    name: t.field({
      type: 'String',
      description: 'Of what, e.g. vcpu, ram (MiB), storage (MiB), security_group_count.',
      ...shown('name'),
    }),
    usage: t.field({ type: 'BigInt', description: 'In use now.', ...shown('usage') }),
    limit: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The most that may be in use; null when unlimited.',
      ...shown('limit'),
    }),
  }),
});

TenantRef.implement({
  description: 'An OpenStack tenant: quotas, networks, and whatever is built on them.',
  interfaces: [NodeRef, ResourceRef],
  fields: (t) => ({
    availabilityZone: t.field({
      type: 'String',
      nullable: true,
      description: 'Where its instances go; null = wherever OpenStack likes.',
      ...shown('availabilityZone'),
    }),
    internalNetworkId: t.field({
      type: 'String',
      nullable: true,
      description: "OpenStack's identifier of its own network; null while it has none.",
      ...shown('internalNetworkId'),
    }),
    externalNetworkId: t.field({
      type: 'String',
      nullable: true,
      description: "OpenStack's identifier of the network to the outside; null while it has none.",
      ...shown('externalNetworkId'),
    }),
    quotas: t.field({
      type: [QuotaRef],
      nullable: true,
      description:
        'What it may use and does, in no particular order; null when Waldur does not tell.',
      ...shown('quotas'),
    }),
  }),
});

const TenantConnectionRef = connectionOf(TenantRef, 'Tenant');

const TenantFilterRef = builder.inputRef<TenantFilter>('TenantFilter').implement({
  description: filterDescription,
  fields: (t) => ({
    ...resourceFilterFields(t),
  }),
});

const listArgs = (arg: Parameters<typeof pageArgs>[0]) => ({
  ...pageArgs(arg),
  filter: arg({ type: TenantFilterRef, description: 'Which of them; null = all.' }),
  orderBy: arg({
    type: [ResourceOrderRef],
    description: 'The most important key first; null = by creation.',
  }),
});

builder.queryFields((t) => ({
  tenants: t.field({
    type: TenantConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The OpenStack tenants that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (_root, args, { session }, info) =>
      pageOf('tenants', args, info, (listing) => tenants(session, listing)),
  }),
  tenant: t.field({
    type: TenantRef,
    nullable: true,
    description:
      'One of the OpenStack tenants; null when there is none or the caller may not see it.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: "Waldur's identifier." }) },
    resolve: (_root, { uuid }, { session }, info) => tenantByUuid(session, uuid, wantedIn(info)),
  }),
}));

builder.objectField(CustomerRef, 'tenants', (t) =>
  t.field({
    type: TenantConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The tenants of the customer that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`tenants of ${row.key}`, args, info, (listing) =>
        tenants(session, {
          ...listing,
          within: { property: 'customer', row, filter: { customer: row.key } },
        }),
      ),
  }),
);

builder.objectField(ProjectRef, 'tenants', (t) =>
  t.field({
    // Their lists can be had together by the owners above.
    extensions: { needs: ['customer'] },
    type: TenantConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The tenants in the project that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`tenants of ${row.key}`, args, info, (listing) =>
        tenants(session, {
          ...listing,
          within: { property: 'project', row, filter: { project: row.key } },
        }),
      ),
  }),
);
