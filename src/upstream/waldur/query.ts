/** From filters and orders in the graph's words to Waldur's query parameters. */

import type { Query } from './address.ts';

export interface Order<F extends string> {
  readonly field: F;
  readonly direction: 'ASC' | 'DESC';
}

type Filtered = string | boolean | readonly string[] | null | undefined;

/**
 * How one input of a filter is sent: the parameter's name, which repeats for lists, or a function for
 * whatever needs more than that.
 */
export type FilterRule = string | ((value: string | boolean | readonly string[]) => Query);

/**
 * A translator of filters.
 *
 * Inputs that are absent, null or an empty text do not filter; Waldur ignores empty ones, too. An
 * empty list matches nothing, which no parameter can say: see `matchesNothing`.
 */
export function filterQuery<F extends object>(rules: Record<keyof F & string, FilterRule>) {
  return (filter: F | null | undefined): Query => {
    const query: (readonly [string, string])[] = [];
    for (const [input, value] of Object.entries(filter ?? {}) as [keyof F & string, Filtered][]) {
      if (value === null || value === undefined || value === '') {
        continue;
      }
      const rule: FilterRule = rules[input];
      if (typeof rule === 'function') {
        query.push(...rule(value));
      } else if (typeof value === 'object') {
        query.push(...value.map((one) => [rule, one] as const));
      } else {
        query.push([rule, String(value)]);
      }
    }
    return query;
  };
}

/** Whether a filter has an empty list in it: none of no values can match. */
export function matchesNothing(filter: object | null | undefined): boolean {
  return Object.values(filter ?? {}).some((value) => Array.isArray(value) && value.length === 0);
}

/** By what rows are read whose order nobody has asked for. */
export const byCreation: Query = [['o', 'created']];

/**
 * A translator of orders.
 *
 * What is sent always has `created` in it, once, as it has every key: Waldur's own orders have ties,
 * which come in another order with each page, so that paging would skip and repeat rows.
 */
export function orderQuery<F extends string>(fields: Record<F, string>) {
  return (orders: readonly Order<F>[] | null | undefined): Query => {
    if (orders === null || orders === undefined) {
      return byCreation;
    }
    const keys = new Map<string, string>();
    for (const { field, direction } of orders) {
      const key = fields[field];
      // Named again, it has no ties left to break.
      if (!keys.has(key)) {
        keys.set(key, direction === 'DESC' ? `-${key}` : key);
      }
    }
    if (!keys.has('created')) {
      keys.set('created', 'created');
    }
    return [['o', [...keys.values()].join()]];
  };
}
