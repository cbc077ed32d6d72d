/** One collection of Waldur as one session reads it, and what has been read of it. */

import { UpstreamFailure } from '../../failure.ts';
import { Links } from '../../rows/links.ts';
import { type Noun, type Origin, type Raw, Row, type Wanted } from '../../rows/row.ts';
import { fieldsFor } from '../../rows/wanted.ts';
import { onceEach } from '../../rows/window.ts';
import { noteInSpan } from '../../tracing.ts';
import { filterIn, type Query } from './address.ts';
import { maxPageSize, type WaldurConnection } from './connection.ts';
import {
  cheapest,
  type Grouping,
  type Knowledge,
  type Surroundings,
  type WeighedPlan,
  type Weights,
} from './plan.ts';

/** A noun that Waldur has a collection of. */
export interface WaldurNoun extends Noun {
  /** The path's segment after `/api/`. */
  readonly collection: string;
  readonly groupings: readonly Grouping[];
}

export type Answered = Origin & { readonly fields: ReadonlySet<string> };

/** What a demand was weighed, for whoever wants an explanation. */
export interface Weighing {
  /** The noun's name. */
  readonly noun: string;
  /** E.g. `12 by uuid`, or `lists of 20 projects`. */
  readonly demand: string;
  /** How many things, or lists, are asked for at once. */
  readonly size: number;
  readonly weighed: readonly WeighedPlan[];
  readonly taken: WeighedPlan;
}

export interface Planning {
  readonly weights: Weights;
  readonly onPlan?: ((weighing: Weighing) => void) | undefined;
}

/** All rows of a list, unless reading on was not worth it. */
interface Swept {
  readonly rows: readonly Row[];
  /** False as well when the list changed while its pages were read. */
  readonly isWhole: boolean;
}

/** Fields for each of which Waldur asks its database again for each row. */
const expensiveFields = /^(rules|instances|quotas|marketplace_.*|is_(usage|limit)_based)$/;

export class Source {
  readonly noun: WaldurNoun;
  readonly connection: WaldurConnection;
  readonly #ways: Omit<Origin, 'fields'>;
  readonly #planning: Planning;
  readonly #known = new Map<string, Row[]>();
  /** What nobody has looked for yet. */
  #shelved: Row[] = [];

  constructor(
    noun: WaldurNoun,
    connection: WaldurConnection,
    planning: Planning,
    ways: Omit<Origin, 'fields'>,
  ) {
    this.noun = noun;
    this.connection = connection;
    this.#planning = planning;
    this.#ways = ways;
  }

  /**
   * The fields to ask for, so that rows hold all that is wanted.
   *
   * Links that lead to the same noun, such as a rule's remote group, are answered by the rows of one
   * answer for each other: what is wanted beyond them is asked for as well.
   */
  fieldsFor(wanted: Wanted): ReadonlySet<string> {
    const known = fieldsOf(this.noun);
    const before = known.get(wanted);
    if (before !== undefined) {
      return before;
    }
    const fields = fieldsFor(this.noun.view, wanted);
    known.set(wanted, fields);
    for (const beyond of beyondOwnLinks(this.noun, wanted)) {
      for (const field of fieldsFor(this.noun.view, beyond)) {
        fields.add(field);
      }
    }
    return fields;
  }

  /**
   * What plans for this collection depend on, beside the demand.
   *
   * @param query - filter and order of the lists that it may be answered by
   */
  surroundings(fields: ReadonlySet<string>, query: Query): Surroundings {
    const { groupings, collection } = this.noun;
    const { connection } = this;
    return {
      groupings,
      knowledge: this.#knowledge(filterIn(query)),
      weights: this.#planning.weights,
      expensive: expensiveIn(fields),
      ownersPerCall: () => connection.uuidsPerLine(collection, query, fields),
      pageSize: maxPageSize,
    };
  }

  /** Takes the cheapest plan, and tells of it. */
  decided(demand: string, size: number, weighed: readonly WeighedPlan[]): WeighedPlan {
    const taken = cheapest(weighed);
    noteInSpan({ 'stratograph.demand': demand, 'stratograph.plan': taken.plan.kind });
    this.#planning.onPlan?.({ noun: this.noun.name, demand, size, weighed, taken });
    return taken;
  }

  /** What is known of a filtered list is known of that alone; the whole bounds it all the same. */
  #knowledge(filter: Query): Knowledge {
    const seen = (query: Query) => this.connection.seenTotal(this.noun.collection, query);
    return {
      total: (owner) => {
        if (owner === undefined) {
          return seen(filter) ?? seen([]);
        }
        // Of a filtered list of one owner nothing is kept.
        return filter.length === 0 ? seen([[owner.parameter, owner.uuid]]) : undefined;
      },
    };
  }

  origin(fields: ReadonlySet<string>): Answered {
    return { ...this.#ways, fields, links: new Links() };
  }

  /** @throws {UpstreamFailure} `malformed` for what has no uuid */
  shelve(raw: Raw, origin: Answered): Row {
    const row = new Row(this.noun, this.noun.view, raw, origin);
    // Whoever reads it here is to hear that it has none, and nobody who looks for another later.
    void row.key;
    this.#shelved.push(row);
    return row;
  }

  /** A row that was read with at least these fields. */
  known(uuid: string, fields: ReadonlySet<string>): Row | undefined {
    this.#sort();
    return this.#known.get(uuid)?.find((row) => {
      const held = row.origin.fields;
      return held === null || held === fields || [...fields].every((field) => held.has(field));
    });
  }

  forget(uuid: string): void {
    this.#sort();
    this.#known.delete(uuid);
  }

  #sort(): void {
    for (const row of this.#shelved) {
      const known = this.#known.get(row.key);
      if (known === undefined) {
        this.#known.set(row.key, [row]);
      } else {
        known.push(row);
      }
    }
    this.#shelved = [];
  }

  /**
   * One row by its own endpoint.
   *
   * @param filter - what it has to pass to be found
   * @throws {UpstreamFailure} `not-found` too
   */
  async detail(uuid: string, fields: ReadonlySet<string>, filter: Query = []): Promise<Row> {
    const raw = await this.connection.detail(this.noun.collection, uuid, filter, fields);
    return this.shelve(raw, this.origin(fields));
  }

  /** One page of a list. Null past its end. @throws {UpstreamFailure} */
  async page(query: Query, fields: ReadonlySet<string>, page: number, pageSize: number) {
    const { collection } = this.noun;
    const answer = await this.connection.list(collection, query, fields, page, pageSize);
    const origin = this.origin(fields);
    return (
      answer && {
        total: answer.total,
        rows: answer.rows.map((raw) => this.shelve(raw, origin)),
      }
    );
  }

  /**
   * A list from its first page to its last: the first alone, then the others at once.
   *
   * @param query - with an order, so that pages do not overlap
   * @param goesOn - whether to read so many pages more, having seen the rows of the first
   * @throws {UpstreamFailure}
   */
  async sweep(
    query: Query,
    fields: ReadonlySet<string>,
    goesOn: (pagesLeft: number, rowsLeft: number, first: readonly Row[]) => boolean,
  ): Promise<Swept> {
    const first = await this.page(query, fields, 1, maxPageSize);
    if (first === null) {
      throw new UpstreamFailure('a list without a first page', {
        kind: 'malformed',
        upstream: 'waldur',
      });
    }
    const { total, rows } = first;
    const pagesLeft = Math.max(0, Math.ceil(total / maxPageSize) - 1);
    if (pagesLeft === 0) {
      return { rows, isWhole: true };
    }
    if (!goesOn(pagesLeft, total - rows.length, rows)) {
      return { rows, isWhole: false };
    }
    const others = await Promise.all(
      Array.from({ length: pagesLeft }, (_, index) =>
        this.page(query, fields, index + 2, maxPageSize),
      ),
    );
    const all = onceEach([rows, ...others.map((page) => page?.rows ?? [])].flat());
    const isSteady = others.every((page) => page?.total === total) && all.length === total;
    return { rows: all, isWhole: isSteady };
  }
}

/** By what is wanted: whoever wants the same of many things, or again, has it found out once. */
const knownFields = new WeakMap<WaldurNoun, WeakMap<Wanted, ReadonlySet<string>>>();

function fieldsOf(noun: WaldurNoun): WeakMap<Wanted, ReadonlySet<string>> {
  const known = knownFields.get(noun) ?? new WeakMap<Wanted, ReadonlySet<string>>();
  knownFields.set(noun, known);
  return known;
}

const knownExpensive = new WeakMap<ReadonlySet<string>, number>();

function expensiveIn(fields: ReadonlySet<string>): number {
  const known = knownExpensive.get(fields);
  if (known !== undefined) {
    return known;
  }
  const found = [...fields].filter((field) => expensiveFields.test(field)).length;
  knownExpensive.set(fields, found);
  return found;
}

/** What is wanted beyond links to the noun itself, found through parts and links as deep as they go. */
function beyondOwnLinks(noun: Noun, wanted: Wanted): Wanted[] {
  const found: Wanted[] = [];
  const seek = (view: Noun['view'], here: Wanted) => {
    for (const property in here) {
      const reading = view[property];
      const beyond = here[property];
      if (reading === undefined || beyond === undefined) {
        continue;
      }
      if (reading.leadsTo?.() === noun) {
        found.push(beyond);
        seek(noun.view, beyond);
      } else if (reading.partView !== undefined) {
        seek(reading.partView, beyond);
      }
    }
  };
  seek(noun.view, wanted);
  return found;
}
