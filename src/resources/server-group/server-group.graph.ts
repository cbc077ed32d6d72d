/** OpenStack server groups in the graph. */

import { builder } from '../../graph/builder.ts';
import { addEntity, byUuid } from '../../graph/entity.ts';
import { pageOf } from '../../graph/listing.ts';
import { isUuid, NodeRef, registerNode } from '../../graph/node.ts';
import { connectionOf, pageArgs, sized } from '../../graph/paging.ts';
import { wantedIn } from '../../graph/selection.ts';
import { followed, shown } from '../../graph/shown.ts';
import type { Row } from '../../rows/row.ts';
import { CustomerRef } from '../customer/customer.graph.ts';
import { ProjectRef } from '../project/project.graph.ts';
import {
  filterDescription,
  ResourceOrderRef,
  ResourceRef,
  resourceFilterFields,
} from '../resource/resource.graph.ts';
import { TenantRef } from '../tenant/tenant.graph.ts';
import { serverGroupByUuid, serverGroups } from './server-group.access.ts';
import type {
  ServerGroup,
  ServerGroupFilter,
  ServerGroupInstance,
  ServerGroupPolicy,
} from './server-group.model.ts';

export const ServerGroupRef = builder.objectRef<Row<ServerGroup>>('ServerGroup');

registerNode({
  name: 'ServerGroup',
  keyOf: (serverGroup: Row<ServerGroup>) => serverGroup.key,
  isKey: isUuid,
  load: serverGroupByUuid,
});

addEntity(ServerGroupRef, {
  name: 'ServerGroup',
  upstream: 'waldur',
  keys: [byUuid(serverGroupByUuid)],
});

export const ServerGroupPolicyRef = builder.enumType('ServerGroupPolicy', {
  description: 'How instances are placed.',
  values: {
    AFFINITY: { description: 'All on the same hypervisor.' },
    ANTI_AFFINITY: { description: 'Each on another hypervisor.' },
    SOFT_AFFINITY: { description: 'On the same hypervisor where that is possible.' },
    SOFT_ANTI_AFFINITY: { description: 'Each on another hypervisor where that is possible.' },
  } satisfies Record<ServerGroupPolicy, object>,
});

const ServerGroupInstanceRef = builder
  .objectRef<Row<ServerGroupInstance>>('ServerGroupInstance')
  .implement({
    description: 'An OpenStack instance that a server group places.',
    shareable: true,
    fields: (t) => ({
      uuid: t.field({ type: 'UUID', description: "Waldur's identifier.", ...shown('uuid') }),
      name: t.field({ type: 'String', description: 'As shown to users.', ...shown('name') }),
      backendId: t.field({
        type: 'String',
        nullable: true,
        description: "OpenStack's identifier; null until it has given one.",
        ...shown('backendId'),
      }),
    }),
  });

ServerGroupRef.implement({
  description: 'A placement rule for OpenStack instances: together or apart.',
  interfaces: [NodeRef, ResourceRef],
  fields: (t) => ({
    tenant: t.field({
      type: TenantRef,
      nullable: true,
      description: 'Where it belongs; null when Waldur does not tell.',
      ...followed('tenant'),
    }),
    policy: t.field({
      type: ServerGroupPolicyRef,
      nullable: true,
      description:
        'Null when the backend gave none or one that is not known here; policyName then has its text.',
      ...shown('policy'),
    }),
    policyName: t.field({
      type: 'String',
      nullable: true,
      description:
        "The policy in the backend's own spelling, e.g. soft-affinity; null when it gave none.",
      ...shown('policyName'),
    }),
    displayName: t.field({
      type: 'String',
      description: 'Name and policy in one text.',
      ...shown('displayName'),
    }),
    instances: t.field({
      type: [ServerGroupInstanceRef],
      description:
        'The instances placed by it, ordered by name; for a group without a backendId those of every group without, as Waldur does not tell them apart.',
      ...shown('instances'),
    }),
  }),
});

const ServerGroupConnectionRef = connectionOf(ServerGroupRef, 'ServerGroup');

const ServerGroupFilterRef = builder.inputRef<ServerGroupFilter>('ServerGroupFilter').implement({
  description: filterDescription,
  fields: (t) => ({
    ...resourceFilterFields(t),
    uuid: t.field({
      type: 'UUID',
      description: 'This one, when it passes the rest of the filter: a list of one or none.',
    }),
    tenant: t.field({ type: 'UUID', description: 'In this tenant.' }),
  }),
});

const listArgs = (arg: Parameters<typeof pageArgs>[0]) => ({
  ...pageArgs(arg),
  filter: arg({ type: ServerGroupFilterRef, description: 'Which of them; null = all.' }),
  orderBy: arg({
    type: [ResourceOrderRef],
    description: 'The most important key first; null = by creation.',
  }),
});

builder.queryFields((t) => ({
  serverGroups: t.field({
    type: ServerGroupConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The OpenStack server groups that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (_root, args, { session }, info) =>
      pageOf('serverGroups', args, info, (listing) => serverGroups(session, listing)),
  }),
  serverGroup: t.field({
    type: ServerGroupRef,
    nullable: true,
    description:
      'One of the OpenStack server groups; null when there is none or the caller may not see it.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: "Waldur's identifier." }) },
    resolve: (_root, { uuid }, { session }, info) =>
      serverGroupByUuid(session, uuid, wantedIn(info)),
  }),
}));

builder.objectField(CustomerRef, 'serverGroups', (t) =>
  t.field({
    type: ServerGroupConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The server groups of the customer that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`serverGroups of ${row.key}`, args, info, (listing) =>
        serverGroups(session, {
          ...listing,
          within: { property: 'customer', row, filter: { customer: row.key } },
        }),
      ),
  }),
);

builder.objectField(ProjectRef, 'serverGroups', (t) =>
  t.field({
    // Their lists can be had together by the owners above.
    extensions: { needs: ['customer'] },
    type: ServerGroupConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The server groups in the project that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`serverGroups of ${row.key}`, args, info, (listing) =>
        serverGroups(session, {
          ...listing,
          within: { property: 'project', row, filter: { project: row.key } },
        }),
      ),
  }),
);

builder.objectField(TenantRef, 'serverGroups', (t) =>
  t.field({
    // Their lists can be had together by the owners above.
    extensions: { needs: ['project', 'customer'] },
    type: ServerGroupConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The server groups in the tenant that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`serverGroups of ${row.key}`, args, info, (listing) =>
        serverGroups(session, {
          ...listing,
          within: { property: 'tenant', row, filter: { tenant: row.key } },
        }),
      ),
  }),
);
