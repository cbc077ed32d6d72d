/** Everything that one request has read from Waldur with one credential, and the way to more. */

import DataLoader from 'dataloader';
import { UpstreamFailure } from '../../failure.ts';
import { type Noun, type Origin, type Raw, Row, type Wanted } from '../../rows/row.ts';
import { fieldsFor, nothing, union } from '../../rows/wanted.ts';
import { pagesFor, type Slice, type Stretch, stretchOf, type Window } from '../../rows/window.ts';
import { maxPageSize, type Query, type WaldurConnection } from './connection.ts';
import { type Demand, type Grouping, planLoad } from './plan.ts';

/** A noun that Waldur has a collection of. */
export interface WaldurNoun extends Noun {
  /** The path's segment after `/api/`. */
  readonly collection: string;
  readonly groupings: readonly Grouping[];
}

interface LoadDemand {
  readonly uuid: string;
  readonly owners: Demand['owners'];
  readonly wanted: Wanted;
  /** Whether what was read before does not count. */
  readonly isFresh?: boolean;
}

interface ListDemand {
  readonly query: Query;
  readonly window: Window;
  /** Null when only counts are wanted. */
  readonly wanted: Wanted | null;
}

type Answered = Origin & { readonly fields: ReadonlySet<string> };

export class Shelf {
  readonly #connection: WaldurConnection;
  readonly #collections = new Map<string, Collection>();
  /** Properties that had to be loaded because selection analysis missed them. */
  readonly topUps: string[] = [];

  constructor(connection: WaldurConnection) {
    this.#connection = connection;
  }

  collection(noun: WaldurNoun): Collection {
    const known = this.#collections.get(noun.name);
    if (known !== undefined) {
      return known;
    }
    const collection = new Collection(noun, this.#connection, {
      load: (row, wanted) => this.collection(row.noun as WaldurNoun).load(row, wanted),
      onTopUp: (row, property) => {
        this.topUps.push(`${row.noun?.name ?? 'part'}.${property}`);
      },
    });
    this.#collections.set(noun.name, collection);
    return collection;
  }

  /** Drops all that was read: something was changed, or may have been. Rows in use go on. */
  forget(): void {
    this.#collections.clear();
  }
}

export class Collection {
  readonly #noun: WaldurNoun;
  readonly #connection: WaldurConnection;
  readonly #ways: Omit<Origin, 'fields'>;
  readonly #known = new Map<string, Row[]>();
  readonly #loads: DataLoader<LoadDemand, Row>;
  readonly #lists: DataLoader<ListDemand, Slice<object>>;
  #total: number | undefined;

  constructor(noun: WaldurNoun, connection: WaldurConnection, ways: Omit<Origin, 'fields'>) {
    this.#noun = noun;
    this.#connection = connection;
    this.#ways = ways;
    this.#loads = new DataLoader((demands) => this.#loadAll(demands), { cache: false });
    this.#lists = new DataLoader((demands) => this.#listAll(demands), { cache: false });
  }

  /**
   * The thing that `row` is, holding at least `wanted`; what the row knows of its owners helps.
   *
   * @throws {UpstreamFailure} `not-found` too
   */
  load(row: Row, wanted: Wanted): Promise<Row> {
    const owners: Record<string, string> = {};
    for (const { owner } of this.#noun.groupings) {
      const there = row.holds(owner) ? row.read(owner) : undefined;
      if (there instanceof Row) {
        owners[owner] = there.key;
      }
    }
    return this.#loads.load({ uuid: row.key, owners, wanted });
  }

  /**
   * One by uuid, with or without dashes.
   *
   * @throws {UpstreamFailure} `not-found` too
   */
  byUuid(uuid: string, wanted: Wanted): Promise<Row> {
    return this.#loads.load({ uuid, owners: {}, wanted });
  }

  /**
   * One by uuid as it is now, whatever was read of it before.
   *
   * @throws {UpstreamFailure} `not-found` too
   */
  fresh(uuid: string, wanted: Wanted): Promise<Row> {
    return this.#loads.load({ uuid, owners: {}, wanted, isFresh: true });
  }

  /** The row of an answer that nobody asked for with `field`: it holds the keys that came. */
  told(raw: Raw): Row {
    return this.#shelve(raw, { ...this.#ways, fields: new Set(Object.keys(raw)) });
  }

  /**
   * A stretch of a list.
   *
   * @param query - filter and order, without paging and `field`; the order has to be unambiguous
   * @param wanted - null when only counts are
   * @throws {UpstreamFailure}
   */
  list(query: Query, window: Window, wanted: Wanted | null): Promise<Slice<object>> {
    return this.#lists.load({ query, window, wanted });
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
    const fields = fieldsFor(this.#noun.view, wanted);
    try {
      const query = [...filter, ...asParameters(fields)];
      const raw = await this.#connection.detail(this.#noun.collection, uuid, query);
      return [this.#shelve(raw, { ...this.#ways, fields })];
    } catch (reason) {
      if (reason instanceof UpstreamFailure && reason.kind === 'not-found') {
        return [];
      }
      throw reason;
    }
  }

  async #loadAll(demands: readonly LoadDemand[]): Promise<(Row | Error)[]> {
    const needed = new Map<string, { demand: Demand; wanted: Wanted; isFresh: boolean }>();
    const found = new Map<string, Row | Error>();
    for (const { uuid, owners, wanted, isFresh = false } of demands) {
      const before = needed.get(uuid);
      needed.set(uuid, {
        demand: { uuid, owners: { ...before?.demand.owners, ...owners } },
        wanted: union(before?.wanted ?? nothing, wanted),
        isFresh: isFresh || (before?.isFresh ?? false),
      });
    }
    let all = nothing;
    for (const [uuid, { wanted, isFresh }] of needed) {
      if (isFresh) {
        this.#known.delete(uuid);
      }
      const known = this.#knownWith(uuid, fieldsFor(this.#noun.view, wanted));
      if (known !== undefined) {
        found.set(uuid, known);
        needed.delete(uuid);
      } else {
        all = union(all, wanted);
      }
    }
    const fields = fieldsFor(this.#noun.view, all);
    const missing = [...needed.values()].map(({ demand }) => demand);
    await this.#fetch(missing, fields, found);
    return demands.map(({ uuid }) => found.get(uuid) ?? new Error(`${uuid} was not dealt out`));
  }

  /** Follows the cheapest plan; what its lists do not bring is asked for one by one. */
  async #fetch(
    demand: readonly Demand[],
    fields: ReadonlySet<string>,
    found: Map<string, Row | Error>,
  ): Promise<void> {
    if (demand.length === 0) {
      return;
    }
    const origin = { ...this.#ways, fields };
    const plan = planLoad(demand, this.#noun.groupings, this.#total);
    const missing = new Set(demand.map(({ uuid }) => uuid));
    if (plan.kind !== 'details') {
      const filters: Query[] =
        plan.kind === 'scan'
          ? [[]]
          : plan.owners.map((owners) => [[plan.parameter, owners.join()]]);
      await Promise.all(filters.map((filter) => this.#sweep(filter, origin, missing, found)));
    }
    await Promise.all(
      [...missing].map(async (uuid) => {
        try {
          const query = asParameters(fields);
          const raw = await this.#connection.detail(this.#noun.collection, uuid, query);
          found.set(uuid, this.#shelve(raw, origin));
        } catch (reason) {
          found.set(uuid, reason instanceof Error ? reason : new Error(String(reason)));
        }
      }),
    );
  }

  /** Reads a list page by page while that costs fewer calls than asking for each missing row. */
  async #sweep(
    filter: Query,
    origin: Answered,
    missing: Set<string>,
    found: Map<string, Row | Error>,
  ): Promise<void> {
    const query: Query = [...filter, ['o', 'created'], ...asParameters(origin.fields)];
    const read = async (page: number) => {
      const answer = await this.#connection.list(this.#noun.collection, query, page, maxPageSize);
      for (const raw of answer?.rows ?? []) {
        const row = this.#shelve(raw, origin);
        if (missing.delete(row.key)) {
          found.set(row.key, row);
        }
      }
      return answer?.total ?? 0;
    };
    const total = await read(1);
    if (filter.length === 0) {
      this.#total = total;
    }
    const pagesLeft = Math.ceil(total / maxPageSize) - 1;
    if (missing.size > pagesLeft) {
      await Promise.all(Array.from({ length: pagesLeft }, (_, index) => read(index + 2)));
    }
  }

  async #listAll(demands: readonly ListDemand[]): Promise<(Slice<object> | Error)[]> {
    const same = new Map<string, { demand: ListDemand; slice?: Promise<Slice<object>> }>();
    const keys = demands.map((demand) => {
      const key = JSON.stringify([demand.query, demand.window]);
      const before = same.get(key)?.demand;
      const wanted =
        before?.wanted && demand.wanted
          ? union(before.wanted, demand.wanted)
          : (before?.wanted ?? demand.wanted);
      same.set(key, { demand: { ...demand, wanted } });
      return key;
    });
    for (const entry of same.values()) {
      entry.slice = this.#listOne(entry.demand);
    }
    return Promise.all(
      keys.map((key) =>
        (same.get(key)?.slice ?? Promise.reject(new Error('a list was not dealt out'))).catch(
          (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
        ),
      ),
    );
  }

  async #listOne({ query, window, wanted }: ListDemand): Promise<Slice<object>> {
    const known = stretchOf(window);
    if (wanted === null || known === undefined || known.limit === 0) {
      const total = await this.#connection.count(this.#noun.collection, query);
      const stretch = stretchOf(window, total) ?? { offset: 0, limit: 0 };
      if (wanted === null || stretch.limit === 0) {
        const length = Math.max(0, Math.min(stretch.limit, total - stretch.offset));
        return { offset: stretch.offset, length, total, rows: length === 0 ? [] : null };
      }
      return this.#read(query, stretch, wanted);
    }
    return this.#read(query, known, wanted);
  }

  async #read(query: Query, stretch: Stretch, wanted: Wanted): Promise<Slice<object>> {
    const origin = { ...this.#ways, fields: fieldsFor(this.#noun.view, wanted) };
    const asked: Query = [...query, ...asParameters(origin.fields)];
    const pages = pagesFor(stretch, maxPageSize);
    const answers = await Promise.all(
      pages.map(({ page, pageSize }) =>
        this.#connection.list(this.#noun.collection, asked, page, pageSize),
      ),
    );
    const [first] = pages;
    const skipped = first === undefined ? 0 : (first.page - 1) * first.pageSize;
    const raws = answers.flatMap((answer) => answer?.rows ?? []);
    const rows = raws
      .slice(stretch.offset - skipped, stretch.offset - skipped + stretch.limit)
      .map((raw) => this.#shelve(raw, origin));
    const total = answers.reduce((most, answer) => Math.max(most, answer?.total ?? -1), -1);
    return {
      offset: stretch.offset,
      length: rows.length,
      // Past the end no page tells the total.
      total: total < 0 ? await this.#connection.count(this.#noun.collection, query) : total,
      rows,
    };
  }

  #shelve(raw: Raw, origin: Answered): Row {
    const row = new Row(this.#noun, this.#noun.view, raw, origin);
    const { key } = row;
    const known = this.#known.get(key);
    if (known === undefined) {
      this.#known.set(key, [row]);
    } else {
      known.push(row);
    }
    return row;
  }

  #knownWith(uuid: string, fields: ReadonlySet<string>): Row | undefined {
    return this.#known.get(uuid)?.find((row) => {
      const held = row.origin.fields;
      return held === null || [...fields].every((field) => held.has(field));
    });
  }
}

function asParameters(fields: ReadonlySet<string>): Query {
  return Array.from(fields, (field) => ['field', field] as const);
}
