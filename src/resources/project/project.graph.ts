/** Projects in the graph. */

import { builder } from '../../graph/builder.ts';
import { addEntity, byUuid } from '../../graph/entity.ts';
import { pageOf, sortDirection } from '../../graph/listing.ts';
import { isUuid, NodeRef, registerNode } from '../../graph/node.ts';
import { connectionOf, pageArgs, sized } from '../../graph/paging.ts';
import { wantedIn } from '../../graph/selection.ts';
import { followed, shown } from '../../graph/shown.ts';
import type { Row } from '../../rows/row.ts';
import { CustomerRef } from '../customer/customer.graph.ts';
import { projectByUuid, projects } from './project.access.ts';
import type { Project, ProjectFilter, ProjectOrderField } from './project.model.ts';

export const ProjectRef = builder.objectRef<Row<Project>>('Project');

registerNode({
  name: 'Project',
  keyOf: (project: Row<Project>) => project.key,
  isKey: isUuid,
  load: projectByUuid,
});

addEntity(ProjectRef, { name: 'Project', upstream: 'waldur', keys: [byUuid(projectByUuid)] });

ProjectRef.implement({
  description: 'A container for resources, owned by one customer.',
  interfaces: [NodeRef],
  fields: (t) => ({
    uuid: t.field({ type: 'UUID', description: "Waldur's identifier.", ...shown('uuid') }),
    url: t.field({ type: 'URL', description: 'Its address in the REST API.', ...shown('url') }),
    name: t.field({
      type: 'String',
      description: 'As shown to users; not unique.',
      ...shown('name'),
    }),
    description: t.field({
      type: 'String',
      description: 'Empty when it has none.',
      ...shown('description'),
    }),
    created: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null when not known.',
      ...shown('created'),
    }),
    startDate: t.field({
      type: 'String',
      nullable: true,
      description: 'The day from which on it is active, YYYY-MM-DD; null when it always was.',
      ...shown('startDate'),
    }),
    endDate: t.field({
      type: 'String',
      nullable: true,
      description: 'The day on which it ends, YYYY-MM-DD; null when it has no end.',
      ...shown('endDate'),
    }),
    backendId: t.field({
      type: 'String',
      nullable: true,
      description: "Another system's identifier of it; null when there is none.",
      ...shown('backendId'),
    }),
    customer: t.field({ type: CustomerRef, description: 'Its owner.', ...followed('customer') }),
  }),
});

const ProjectConnectionRef = connectionOf(ProjectRef, 'Project');

const ProjectOrderFieldRef = builder.enumType('ProjectOrderField', {
  description: 'What projects can be ordered by.',
  values: {
    NAME: { description: 'Their name.' },
    CREATED: { description: 'When they were created.' },
    CUSTOMER_NAME: { description: "Their customer's name." },
    START_DATE: { description: 'The day from which on they are active.' },
    END_DATE: { description: 'The day on which they end.' },
  } satisfies Record<ProjectOrderField, object>,
});

const ProjectOrderRef = builder.inputType('ProjectOrder', {
  description: 'One key of an order; equals are ordered by the next, in the end by creation.',
  fields: (t) => ({
    field: t.field({ type: ProjectOrderFieldRef, required: true, description: 'What to compare.' }),
    direction: t.field(sortDirection),
  }),
});

const ProjectFilterRef = builder.inputRef<ProjectFilter>('ProjectFilter').implement({
  description: 'All that is given has to hold; null and empty texts do not filter.',
  fields: (t) => ({
    name: t.string({ description: 'Part of the name, in any case.' }),
    nameExact: t.string({ description: 'The whole name.' }),
    query: t.string({ description: 'Part of the name, or a whole uuid.' }),
    customers: t.field({
      type: ['UUID'],
      description: 'Owned by one of these; none match an empty list.',
    }),
    canManage: t.boolean({
      description:
        'True: only where the caller is an administrator or manager. False does not filter.',
    }),
  }),
});

const listArgs = (arg: Parameters<typeof pageArgs>[0]) => ({
  ...pageArgs(arg),
  filter: arg({ type: ProjectFilterRef, description: 'Which of them; null = all.' }),
  orderBy: arg({
    type: [ProjectOrderRef],
    description: 'The most important key first; null = by creation.',
  }),
});

builder.queryFields((t) => ({
  projects: t.field({
    type: ProjectConnectionRef,
    nullable: true,
    ...sized,
    description: 'The projects that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (_root, args, { session }, info) =>
      pageOf('projects', args, info, (listing) => projects(session, listing)),
  }),
  project: t.field({
    type: ProjectRef,
    nullable: true,
    description: 'One project; null when there is none or the caller may not see it.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: "Waldur's identifier." }) },
    resolve: (_root, { uuid }, { session }, info) => projectByUuid(session, uuid, wantedIn(info)),
  }),
}));

builder.objectField(CustomerRef, 'projects', (t) =>
  t.field({
    type: ProjectConnectionRef,
    nullable: true,
    ...sized,
    description:
      "The customer's projects that the caller sees, by creation unless ordered otherwise.",
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`projects of ${row.key}`, args, info, (listing) =>
        projects(session, {
          ...listing,
          within: { property: 'customer', row, filter: { customers: [row.key] } },
        }),
      ),
  }),
);
