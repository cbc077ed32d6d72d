/** What Waldur is asked for, as addresses. */

import { encoded } from '../http/encoded.ts';

/** Query parameters in order; a repeated name is a repeated parameter. */
export type Query = readonly (readonly [name: string, value: string])[];

/** Names a list among all of a caller's. @param filter - without the order of its rows */
export function listKey(collection: string, filter: Query): string {
  let key = collection;
  for (const [name, value] of filter) {
    key += ` ${name}=${value}`;
  }
  return key;
}

/** What a query filters by: all but its order. */
export function filterIn(query: Query): Query {
  return query.filter(([name]) => name !== 'o');
}

/** A collection's path, with filter and order, and the fields to ask for. */
export function collectionPath(
  collection: string,
  query: Query,
  fields: ReadonlySet<string>,
): string {
  return `/api/${collection}/${toSearch(query, fields)}`;
}

export const onlyUuid: ReadonlySet<string> = new Set(['uuid']);

/**
 * Begins with a question mark, unless it is empty. Commas stay as they are: a list of uuids in one
 * parameter is most of a long request line.
 */
export function toSearch(query: Query, fields: ReadonlySet<string>): string {
  let search = '';
  for (const [name, value] of query) {
    search += `&${name}=${encoded(value).replaceAll('%2C', ',')}`;
  }
  search += toParameters(fields);
  return search === '' ? '' : `?${search.slice(1)}`;
}

/** The same fields are asked for again with each call. */
const knownParameters = new WeakMap<ReadonlySet<string>, string>();

function toParameters(fields: ReadonlySet<string>): string {
  const known = knownParameters.get(fields);
  if (known !== undefined) {
    return known;
  }
  const parameters = Array.from(fields, (field) => `&field=${encoded(field)}`).join('');
  knownParameters.set(fields, parameters);
  return parameters;
}
