/** Stretches of lists: everything that is needed in one tick is one demand. */

import DataLoader from 'dataloader';
import { asError } from '../../failure.ts';
import { Row, type Wanted } from '../../rows/row.ts';
import { including, nothing, union } from '../../rows/wanted.ts';
import {
  type NumberedPage,
  onceEach,
  pagesFor,
  type Slice,
  type Stretch,
  sliceOf,
  stretchOf,
  type Window,
} from '../../rows/window.ts';
import { inSpan } from '../../tracing.ts';
import type { Query } from './address.ts';
import { maxPageSize } from './connection.ts';
import { costOf, type Grouping, type Owners, weighLists } from './plan.ts';
import type { Source } from './source.ts';

/** Whose list it is: one of several, as a rule, that the same query asks for. */
export interface Within {
  readonly grouping: Grouping;
  readonly uuid: string;
  /** The owner itself and, where known, those above it. */
  readonly owners: Owners;
}

interface ListDemand {
  /** Filter and order, without paging and `field`; the order has to be unambiguous. */
  readonly query: Query;
  readonly window: Window;
  /** Null when only counts are wanted. */
  readonly wanted: Wanted | null;
  readonly within: Within | undefined;
}

/** A list's rows, in its order. */
type RowsOf = (demand: ListDemand) => readonly Row[];

export class Lists {
  readonly #source: Source;
  readonly #loader: DataLoader<ListDemand, Slice<object>>;

  constructor(source: Source) {
    this.#source = source;
    this.#loader = new DataLoader((demands) => this.#answerAll(demands), { cache: false });
  }

  /** @throws {UpstreamFailure} */
  list(demand: ListDemand): Promise<Slice<object>> {
    return this.#loader.load(demand);
  }

  async #answerAll(demands: readonly ListDemand[]): Promise<(Slice<object> | Error)[]> {
    const { families, keys } = familiesIn(demands);
    const answers = new Map<string, Slice<object> | Error>();
    await Promise.all(
      Array.from(families.values(), (siblings) => this.#answerSiblings(siblings, answers)),
    );
    return keys.map((key) => answers.get(key) ?? new Error('a list was not dealt out'));
  }

  /** Lists that differ in their owner, their window and what is wanted of them. Never throws. */
  async #answerSiblings(
    siblings: ReadonlyMap<string, ListDemand>,
    answers: Map<string, Slice<object> | Error>,
  ): Promise<void> {
    const [first] = siblings.values();
    const within = first?.within;
    let rowsOf: RowsOf | null = null;
    if (first !== undefined && within !== undefined && siblings.size > 1) {
      try {
        rowsOf = await inSpan(`plan ${this.#source.noun.name}`, { attributes: {} }, () =>
          this.#deal([...siblings.values()], first.query, within.grouping),
        );
      } catch (reason) {
        for (const key of siblings.keys()) {
          answers.set(key, asError(reason));
        }
        return;
      }
    }
    const seeks: Promise<void>[] = [];
    for (const [key, demand] of siblings) {
      if (rowsOf === null) {
        seeks.push(this.#seekInto(answers, key, demand));
      } else {
        answers.set(key, cut(rowsOf(demand), demand));
      }
    }
    await Promise.all(seeks);
  }

  async #seekInto(
    answers: Map<string, Slice<object> | Error>,
    key: string,
    demand: ListDemand,
  ): Promise<void> {
    try {
      answers.set(key, await this.#seek(demand));
    } catch (reason) {
      answers.set(key, asError(reason));
    }
  }

  /**
   * Reads the lists of several owners together, where that is cheaper than one by one.
   *
   * @returns each list's rows, in its order; null when each has to be asked for
   */
  async #deal(demands: readonly ListDemand[], query: Query, own: Grouping): Promise<RowsOf | null> {
    const source = this.#source;
    let wanted = nothing;
    for (const nodes of new Set(demands.map((demand) => demand.wanted ?? nothing))) {
      wanted = union(wanted, nodes);
    }
    const fields = source.fieldsFor(including(wanted, own.owner));
    const around = source.surroundings(fields, query);
    const sizes = demands.map(({ window, wanted: nodes, within }) => ({
      owners: within?.owners ?? {},
      rows: nodes === null ? 0 : (window.first ?? window.last ?? 0),
    }));
    const weighed = weighLists(sizes, own, around);
    const owners = new Set(demands.map(({ within }) => within?.uuid));
    const demand = `lists of ${owners.size} by ${own.owner}`;
    const { plan } = source.decided(demand, owners.size, weighed);
    if (plan.kind === 'seeks') {
      return null;
    }
    const seeks = weighed.find((one) => one.plan.kind === 'seeks');
    const filters: readonly Query[] =
      plan.kind === 'scan' ? [[]] : plan.owners.map((some) => [[plan.parameter, some.join()]]);
    // What is left to read of all lists together is weighed against asking for each owner.
    let costLeft = 0;
    const swept = await Promise.all(
      filters.map((filterOf) =>
        source.sweep([...filterOf, ...query], fields, (pagesLeft, rowsLeft) => {
          costLeft += costOf(pagesLeft, rowsLeft, around);
          return seeks === undefined || costLeft < seeks.cost;
        }),
      ),
    );
    if (!swept.every(({ isWhole }) => isWhole)) {
      return null;
    }
    const byOwner = new Map<string, Row[]>();
    for (const row of swept.flatMap(({ rows }) => rows)) {
      const owner = row.read(own.owner);
      const key = owner instanceof Row ? owner.key : '';
      const rows = byOwner.get(key);
      if (rows === undefined) {
        byOwner.set(key, [row]);
      } else {
        rows.push(row);
      }
    }
    return ({ within }) => byOwner.get(within?.uuid ?? '') ?? [];
  }

  /** Asks for one list. */
  async #seek({ query: shared, window, wanted, within }: ListDemand): Promise<Slice<object>> {
    const query: Query =
      within === undefined ? shared : [[within.grouping.parameter, within.uuid], ...shared];
    const { connection, noun } = this.#source;
    const known = stretchOf(window);
    if (wanted !== null && known !== undefined && known.limit > 0) {
      const slice = await this.#read(query, known, wanted);
      // The last before a cursor lie elsewhere in a list that has come to end before it.
      const found = stretchOf(window, slice.total) ?? known;
      return found.offset === known.offset || found.limit === 0
        ? slice
        : this.#read(query, found, wanted);
    }
    const total = await connection.count(noun.collection, query);
    const stretch = stretchOf(window, total) ?? { offset: 0, limit: 0 };
    if (wanted !== null && stretch.limit > 0) {
      return this.#read(query, stretch, wanted);
    }
    const length = Math.max(0, Math.min(stretch.limit, total - stretch.offset));
    return { offset: stretch.offset, length, total, rows: length === 0 ? [] : null };
  }

  async #read(query: Query, stretch: Stretch, wanted: Wanted): Promise<Slice<object>> {
    const source = this.#source;
    const fields = source.fieldsFor(wanted);
    const pages = pagesFor(stretch, maxPageSize);
    const [first] = pages;
    const read = ({ page, pageSize }: NumberedPage) => source.page(query, fields, page, pageSize);
    const answers =
      first !== undefined && pages.length === 1
        ? [await read(first)]
        : await Promise.all(pages.map(read));
    const skipped = first === undefined ? 0 : (first.page - 1) * first.pageSize;
    const once =
      answers.length === 1
        ? (answers[0]?.rows ?? [])
        : onceEach(answers.flatMap((answer) => answer?.rows ?? []));
    const start = stretch.offset - skipped;
    const rows = once.slice(start, start + stretch.limit);
    const total = answers.reduce((most, answer) => Math.max(most, answer?.total ?? -1), -1);
    return {
      offset: stretch.offset,
      length: rows.length,
      // Past the end no page tells the total.
      total: total < 0 ? await source.connection.count(source.noun.collection, query) : total,
      rows,
    };
  }
}

/** The stretch of a list that is all here. */
function cut(rows: readonly Row[], { window, wanted }: ListDemand): Slice<object> {
  const slice = sliceOf(rows, window);
  return wanted === null ? { ...slice, rows: slice.length === 0 ? [] : null } : slice;
}

/**
 * Demands that one call could answer together: the same filter and order, and the same kind of owner.
 * The same list under several aliases is one, whatever is selected of it.
 *
 * @returns lists by what tells them apart, in families, and that for each demand
 */
function familiesIn(demands: readonly ListDemand[]) {
  const families = new Map<string, Map<string, ListDemand>>();
  // Lists of one field have their query in common.
  const texts = new Map<Query, string>();
  const keys = demands.map((demand) => {
    const { query, window, within } = demand;
    const text = texts.get(query) ?? JSON.stringify(query);
    texts.set(query, text);
    const stretch = `${window.from} ${window.until} ${window.first} ${window.last}`;
    const key = `${stretch} ${within?.grouping.parameter} ${within?.uuid} ${text}`;
    const family = within === undefined ? key : `${within.grouping.parameter} ${text}`;
    const siblings = families.get(family);
    if (siblings === undefined) {
      families.set(family, new Map([[key, demand]]));
      return key;
    }
    const before = siblings.get(key)?.wanted;
    const wanted =
      before && demand.wanted ? union(before, demand.wanted) : (before ?? demand.wanted);
    siblings.set(key, wanted === demand.wanted ? demand : { ...demand, wanted });
    return key;
  });
  return { families, keys };
}
