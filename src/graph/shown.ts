/** Options of fields that show what a row holds, to be spread into `t.field`. */

import type { GraphQLResolveInfo } from 'graphql';
import type { Row } from '../rows/row.ts';
import { wantedOfLink } from './selection.ts';

/** A value: `name: t.field({ type: 'String', description, ...shown('name') })`. */
export function shown<P extends string>(property: P) {
  return {
    extensions: { property },
    resolve: <V>(row: Row<{ [K in P]: V }>): V | Promise<V> => row.get(property),
  };
}

/** A link or part: what the query wants of the thing at its other end is loaded at once. */
export function followed<P extends string>(property: P) {
  return {
    extensions: { property },
    resolve: <V>(
      row: Row<{ [K in P]: V }>,
      _args: object,
      _context: object,
      info: GraphQLResolveInfo,
    ): V | Promise<V> => row.follow(property, wantedOfLink(info)),
  };
}
