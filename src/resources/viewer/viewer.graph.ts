/** The caller in the graph. */

import { builder } from '../../graph/builder.ts';
import { wantedIn } from '../../graph/selection.ts';
import { shown } from '../../graph/shown.ts';
import type { Row } from '../../rows/row.ts';
import { viewer } from './viewer.access.ts';
import type { Viewer } from './viewer.model.ts';

const ViewerRef = builder.objectRef<Row<Viewer>>('Viewer').implement({
  description: 'Who the credential belongs to, as Waldur says.',
  fields: (t) => ({
    uuid: t.field({ type: 'UUID', description: "Waldur's identifier.", ...shown('uuid') }),
    username: t.field({ type: 'String', description: 'The login name.', ...shown('username') }),
    fullName: t.field({
      type: 'String',
      nullable: true,
      description: 'Null when not given.',
      ...shown('fullName'),
    }),
    email: t.field({
      type: 'String',
      nullable: true,
      description: 'Null when not given.',
      ...shown('email'),
    }),
    isStaff: t.field({
      type: 'Boolean',
      description: 'Whether the caller may see and do everything.',
      ...shown('isStaff'),
    }),
    isSupport: t.field({
      type: 'Boolean',
      description: 'Whether the caller may see everything.',
      ...shown('isSupport'),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerRef,
    nullable: true,
    description: "The caller, by Waldur's credential; null with an error when there is none.",
    resolve: (_root, _args, { session }, info) => viewer(session, wantedIn(info)),
  }),
);
