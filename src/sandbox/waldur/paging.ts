/** Waldur's ordering and paging, with their oddities. */

import { detail, json, refuse } from './answers.ts';
import type { Customer, Project, Resource, ServiceSettings } from './model.ts';
import { states } from './model.ts';

/** What an `o` value compares, by name. */
export type Orders<T> = Readonly<Record<string, (row: T) => string | number>>;

export const resourceOrders: Orders<Resource> = {
  name: (row) => row.name,
  // By Waldur's own numbers, from 1 on.
  state: (row) => states.indexOf(row.state) + 1,
  customer_name: (row) => row.project.customer.name,
  customer_native_name: (row) => row.project.customer.nativeName,
  customer_abbreviation: (row) => row.project.customer.abbreviation,
  project_name: (row) => row.project.name,
  service_name: (row) => row.settings.name,
  created: (row) => row.created,
};

export const projectOrders: Orders<Project> = {
  name: (row) => row.name,
  created: (row) => row.created,
  customer_name: (row) => row.customer.name,
  customer_native_name: (row) => row.customer.nativeName,
  customer_abbreviation: (row) => row.customer.abbreviation,
  start_date: (row) => row.startDate ?? '9999',
  end_date: (row) => row.endDate ?? '9999',
};

export const customerOrders: Orders<Customer> = {
  abbreviation: (row) => row.abbreviation,
  created: (row) => row.created,
  name: (row) => row.name,
  native_name: (row) => row.nativeName,
};

export const settingsOrders: Orders<ServiceSettings> = {
  type: (row) => row.type,
  name: (row) => row.name,
  state: (row) => states.indexOf(row.state) + 1,
};

/** How a collection orders its rows. */
export interface Ordering<T> {
  readonly orders: Orders<T>;
  /** When `o` is not given: far from unique, and ties come as the database likes. */
  readonly byDefault: (row: T) => string;
  /** Customers and service settings ignore values of `o` that others refuse. */
  readonly ignoresUnknown: boolean;
}

/**
 * The rows in the order that `o` asks for; ties in another order each time.
 *
 * @param turn - changes with each request
 * @throws {Refusal} 400 for an unknown value
 */
export function ordered<T extends { uuid: string }>(
  rows: readonly T[],
  { orders, byDefault, ignoresUnknown }: Ordering<T>,
  query: URLSearchParams,
  turn: number,
): T[] {
  const keys: { read: (row: T) => string | number; sign: 1 | -1 }[] = [];
  for (const value of (query.getAll('o').at(-1) ?? '').split(',').filter(Boolean)) {
    const read = orders[value.replace(/^-/, '')];
    if (read !== undefined) {
      keys.push({ read, sign: value.startsWith('-') ? -1 : 1 });
    } else if (!ignoresUnknown) {
      refuse(
        json(400, {
          o: [`Select a valid choice. ${value} is not one of the available choices.`],
        }),
      );
    }
  }
  if (keys.length === 0) {
    keys.push({ read: byDefault, sign: 1 });
  }
  const place = turn % 32;
  return [...rows].sort((one, other) => {
    for (const { read, sign } of keys) {
      const [first, second] = [read(one), read(other)];
      if (first !== second) {
        return first < second ? -sign : sign;
      }
    }
    const [first, second] = [rotated(one.uuid, place), rotated(other.uuid, place)];
    return first < second ? -1 : 1;
  });
}

function rotated(uuid: string, place: number): string {
  return uuid.slice(place) + uuid.slice(0, place);
}

export interface PageOf<T> {
  readonly rows: readonly T[];
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The page that the query asks for, with `X-Result-Count` and `Link`.
 *
 * @param url - the list's own, without a query
 * @throws {Refusal} 404 "Invalid page."
 */
export function paged<T>(rows: readonly T[], query: URLSearchParams, url: string): PageOf<T> {
  const asked = query.getAll('page_size').at(-1) ?? '';
  const size = /^\d+$/.test(asked) && Number(asked) > 0 ? Math.min(Number(asked), 300) : 10;
  const last = Math.max(1, Math.ceil(rows.length / size));
  const given = query.getAll('page').at(-1) ?? '1';
  const page = given === 'last' ? last : /^\d+$/.test(given) ? Number(given) : 0;
  if (page < 1 || page > last) {
    refuse(detail(404, 'Invalid page.'));
  }
  const link = (rel: string, number: number) => `<${pageUrl(url, query, number)}>; rel="${rel}"`;
  const links = [
    link('first', 1),
    ...(page > 1 ? [link('prev', page - 1)] : []),
    ...(page < last ? [link('next', page + 1)] : []),
    link('last', last),
  ];
  return {
    rows: rows.slice((page - 1) * size, page * size),
    headers: { 'x-result-count': String(rows.length), link: links.join(', ') },
  };
}

/** Parameters sorted by name; page 1 has no `page`. */
function pageUrl(url: string, query: URLSearchParams, page: number): string {
  const target = new URLSearchParams(query);
  target.delete('page');
  if (page > 1) {
    target.set('page', String(page));
  }
  target.sort();
  const search = target.toString();
  return search === '' ? url : `${url}?${search}`;
}
