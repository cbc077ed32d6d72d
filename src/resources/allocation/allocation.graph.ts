/** OpenPortal allocations in the graph. */

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
import { allocationByUuid, allocations } from './allocation.access.ts';
import type { Allocation, AllocationFilter } from './allocation.model.ts';

export const AllocationRef = builder.objectRef<Row<Allocation>>('Allocation');

registerNode({
  name: 'Allocation',
  keyOf: (allocation: Row<Allocation>) => allocation.key,
  isKey: isUuid,
  load: allocationByUuid,
});

addEntity(AllocationRef, {
  name: 'Allocation',
  upstream: 'waldur',
  keys: [byUuid(allocationByUuid)],
});

AllocationRef.implement({
  description: 'Node-hours on a computing site that OpenPortal manages, given to a project.',
  interfaces: [NodeRef, ResourceRef],
  fields: (t) => ({
    nodeLimit: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Node-hours that may be used; null when unlimited.',
      ...shown('nodeLimit'),
    }),
    nodeUsage: t.field({
      type: 'Decimal',
      description: 'Node-hours used this month, with two decimal places.',
      ...shown('nodeUsage'),
    }),
    groupname: t.field({
      type: 'String',
      nullable: true,
      description: 'The Unix group at the site; null until OpenPortal has assigned one.',
      ...shown('groupname'),
    }),
    isActive: t.field({
      type: 'Boolean',
      description: 'Whether it can be used.',
      ...shown('isActive'),
    }),
  }),
});

const AllocationConnectionRef = connectionOf(AllocationRef, 'Allocation');

const AllocationFilterRef = builder.inputRef<AllocationFilter>('AllocationFilter').implement({
  description: filterDescription,
  fields: (t) => ({
    ...resourceFilterFields(t),
    uuid: t.field({
      type: 'UUID',
      description: 'This one, when it passes the rest of the filter: a list of one or none.',
    }),
    isActive: t.boolean({ description: 'Whether it can be used.' }),
  }),
});

const listArgs = (arg: Parameters<typeof pageArgs>[0]) => ({
  ...pageArgs(arg),
  filter: arg({ type: AllocationFilterRef, description: 'Which of them; null = all.' }),
  orderBy: arg({
    type: [ResourceOrderRef],
    description: 'The most important key first; null = by creation.',
  }),
});

builder.queryFields((t) => ({
  allocations: t.field({
    type: AllocationConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The OpenPortal allocations that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (_root, args, { session }, info) =>
      pageOf('allocations', args, info, (listing) => allocations(session, listing)),
  }),
  allocation: t.field({
    type: AllocationRef,
    nullable: true,
    description:
      'One of the OpenPortal allocations; null when there is none or the caller may not see it.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: "Waldur's identifier." }) },
    resolve: (_root, { uuid }, { session }, info) =>
      allocationByUuid(session, uuid, wantedIn(info)),
  }),
}));

builder.objectField(CustomerRef, 'allocations', (t) =>
  t.field({
    type: AllocationConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The allocations of the customer that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`allocations of ${row.key}`, args, info, (listing) =>
        allocations(session, {
          ...listing,
          within: { property: 'customer', row, filter: { customer: row.key } },
        }),
      ),
  }),
);

builder.objectField(ProjectRef, 'allocations', (t) =>
  t.field({
    // Their lists can be had together by the owners above.
    extensions: { needs: ['customer'] },
    type: AllocationConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The allocations in the project that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`allocations of ${row.key}`, args, info, (listing) =>
        allocations(session, {
          ...listing,
          within: { property: 'project', row, filter: { project: row.key } },
        }),
      ),
  }),
);
