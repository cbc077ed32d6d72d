/** Datacenters in the graph. */

import { nullIfAbsent } from '../../failure.ts';
import { builder } from '../../graph/builder.ts';
import { addEntity } from '../../graph/entity.ts';
import { NodeRef, registerNode } from '../../graph/node.ts';
import { wantedIn } from '../../graph/selection.ts';
import { shown } from '../../graph/shown.ts';
import type { Row } from '../../rows/row.ts';
import { datacenterNamed, datacenters } from './datacenter.access.ts';
import type { Datacenter } from './datacenter.model.ts';

export const DatacenterRef = builder.objectRef<Row<Datacenter>>('Datacenter');

/** Names as Danube Cloud allows them; they go into paths and parameters. */
export const datacenterName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,15}$/;

registerNode({
  name: 'Datacenter',
  keyNeeds: ['name'],
  keyOf: (datacenter: Row<Datacenter>) => datacenter.get('name'),
  isKey: (key) => datacenterName.test(key),
  load: (session, key) => datacenterNamed(session, key).catch(nullIfAbsent),
});

addEntity(DatacenterRef, {
  name: 'Datacenter',
  upstream: 'danube',
  keys: [
    {
      field: 'name',
      read: (value) => (datacenterName.test(value) ? value : undefined),
      load: (session, name) => datacenterNamed(session, name).catch(nullIfAbsent),
    },
  ],
});

DatacenterRef.implement({
  description: 'A virtual datacenter of Danube Cloud: machines, and who may use them.',
  interfaces: [NodeRef],
  fields: (t) => ({
    name: t.field({ type: 'String', description: 'Unique.', ...shown('name') }),
    alias: t.field({
      type: 'String',
      nullable: true,
      description: 'As shown to users; null when Danube does not tell.',
      ...shown('alias'),
    }),
    owner: t.field({
      type: 'String',
      nullable: true,
      description: 'The user name of its owner; null when Danube does not tell.',
      ...shown('owner'),
    }),
    description: t.field({
      type: 'String',
      nullable: true,
      description: 'Null when it has none.',
      ...shown('description'),
    }),
    access: t.field({
      type: 'String',
      nullable: true,
      description: 'Who may enter: public or private; null when Danube does not tell.',
      ...shown('access'),
    }),
  }),
});

builder.queryField('datacenters', (t) =>
  t.field({
    type: [DatacenterRef],
    nullable: { list: true, items: false },
    description: 'Every datacenter that the caller may enter, by name; null with an error alone.',
    resolve: (_root, _args, { session }, info) => datacenters(session, wantedIn(info)),
  }),
);
