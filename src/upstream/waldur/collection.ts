/** What may be asked of one collection of Waldur within a session. */

import { UpstreamFailure } from '../../failure.ts';
import type { Loading } from '../../rows/loading.ts';
import { type Raw, Row, type Wanted } from '../../rows/row.ts';
import type { Slice, Window } from '../../rows/window.ts';
import type { Query } from './address.ts';
import { Lists, type Within } from './lists.ts';
import { Loads } from './loads.ts';
import type { Source } from './source.ts';

export class Collection {
  readonly #source: Source;
  readonly #loads: Loads;
  readonly #lists: Lists;

  constructor(source: Source) {
    this.#source = source;
    this.#loads = new Loads(source);
    this.#lists = new Lists(source);
  }

  /**
   * Reads the thing that `row` is, with at least `wanted`; what the row knows of its owners helps.
   *
   * @returns never rejected: ends when `loading` has been told
   */
  load(row: Row, wanted: Wanted, loading: Loading<Row>): Promise<void> {
    const owners = this.#ownersOf(row);
    return this.#loads.load({ uuid: row.key, owners, wanted, isFresh: false }, loading);
  }

  /**
   * One by uuid.
   *
   * @param uuid - 32 lower-case digits, as rows have it
   * @throws {UpstreamFailure} `not-found` too
   */
  byUuid(uuid: string, wanted: Wanted): Promise<Row> {
    return this.#loads.one({ uuid, owners: {}, wanted, isFresh: false });
  }

  /**
   * One by uuid as it is now, whatever was read of it before.
   *
   * @param uuid - likewise
   * @throws {UpstreamFailure} `not-found` too
   */
  fresh(uuid: string, wanted: Wanted): Promise<Row> {
    return this.#loads.one({ uuid, owners: {}, wanted, isFresh: true });
  }

  /** The row of an answer that nobody asked for with `field`: it holds the keys that came. */
  told(raw: Raw): Row {
    return this.#source.shelve(raw, this.#source.origin(new Set(Object.keys(raw))));
  }

  /**
   * A stretch of a list.
   *
   * @param query - filter and order, without paging and `field`; the order has to be unambiguous
   * @param wanted - null when only counts are
   * @param owner - whose list it is, and the property by which the list's rows lead to it
   * @throws {UpstreamFailure}
   */
  list(
    query: Query,
    window: Window,
    wanted: Wanted | null,
    owner?: { readonly property: string; readonly row: Row },
  ): Promise<Slice<object>> {
    return this.#lists.list({ query, window, wanted, within: owner && this.#within(owner) });
  }

  /**
   * The list of at most one row that has this uuid and passes the filter.
   *
   * Waldur from 8.0.8 on ignores a `uuid` parameter and would list everything; its filters do apply
   * to the detail endpoint.
   *
   * @throws {UpstreamFailure}
   */
  async only(uuid: string, filter: Query, wanted: Wanted): Promise<readonly Row[]> {
    try {
      return [await this.#source.detail(uuid, this.#source.fieldsFor(wanted), filter)];
    } catch (reason) {
      if (reason instanceof UpstreamFailure && reason.kind === 'not-found') {
        return [];
      }
      throw reason;
    }
  }

  #within({ property, row }: { readonly property: string; readonly row: Row }): Within {
    const { groupings, name } = this.#source.noun;
    const owners = this.#ownersOf(row);
    owners[property] = row.key;
    for (const grouping of groupings) {
      if (grouping.owner === property) {
        return { grouping, uuid: row.key, owners };
      }
    }
    throw new Error(`${name} cannot be listed by ${property}`);
  }

  /** By the properties that this collection can be listed by, as far as the row tells. */
  #ownersOf(row: Row): Record<string, string> {
    const owners: Record<string, string> = {};
    for (const { owner } of this.#source.noun.groupings) {
      const there = row.holds(owner) ? row.read(owner) : undefined;
      if (there instanceof Row) {
        owners[owner] = there.key;
      }
    }
    return owners;
  }
}
