/** The assembled graph. */

import { assertValidSchema } from 'graphql';
import { builder } from './graph/builder.ts';
import './graph/scalars.ts';
import './resources/index.ts';

builder.queryType({ description: 'Reading. Nothing here changes anything.' });

export const schema = builder.toSchema();

// GraphQL would only notice with the first request.
assertValidSchema(schema);
