/** The assembled graph. */

import { assertValidSchema } from 'graphql';
import { builder } from './graph/builder.ts';
import { federation, finishSubgraph } from './graph/supergraph.ts';
import './graph/scalars.ts';
import './resources/index.ts';

builder.queryType({
  description:
    'Reading. Nothing here changes anything. A page of a list, here or further on, is null with an error alone, which says why.',
});
builder.mutationType({
  description:
    'Changing. Each is one write that is sent once; those of one request run one after the other, and one that is refused does not undo the one before. A result is null with an error alone, which says why: an outage, a missing credential, a rate limit.',
});

export const schema = builder.toSubGraphSchema(federation);
finishSubgraph(schema);
// For introspection: SDL that extends another schema has no place for it.
schema.description =
  'Waldur and Danube Cloud as one graph. Query reads, Mutation changes, Subscription follows what changes by itself. Types lead on: a security group to its project, a project to its machines.';

// GraphQL would only notice with the first request.
assertValidSchema(schema);
