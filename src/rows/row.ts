/**
 * Nouns in flight.
 *
 * A row is one upstream JSON object seen through a view. It knows which of the upstream's fields were
 * asked for, so a property that was not is loaded instead of being taken for null: no answer depends
 * on the selection analysis having been right. The same JSON can be seen through several views: a
 * security group's row also holds its project's uuid and name, and that is a project's row of its own.
 */

import type { Links } from './links.ts';
import { Loading } from './loading.ts';

/** Properties wanted of a noun; for a link or part, what is wanted of the thing at its other end. */
export interface Wanted {
  readonly [property: string]: Wanted;
}

/** An upstream object as it came. */
export type Raw = Readonly<Record<string, unknown>>;

/** How one property is found in a raw object. */
export interface Reading<V = unknown> {
  /** The upstream's fields that have to be asked for. */
  readonly fields: readonly string[];
  /** @throws {UpstreamFailure} `malformed` when a field holds what it never should */
  readonly read: (raw: Raw, row: Row) => V;
  /** For a link or part: the view that the same raw object gives of it. */
  readonly view?: View;
  /** For a list of embedded objects: the view of each. */
  readonly partView?: View;
  /** For a link: the noun at its other end. */
  readonly leadsTo?: () => Noun;
  /** For a link: upstream fields that help to plan the call which loads the rest. */
  readonly hints?: readonly string[];
}

export type View = Readonly<Record<string, Reading>>;

/** A kind of thing that can be asked for by its uuid. */
export interface Noun {
  /** As the graph names it, e.g. `SecurityGroup`. */
  readonly name: string;
  /** What its own endpoint can tell. */
  readonly view: View;
}

/** What all rows of one answer have in common. */
export interface Origin {
  /** Fields that were asked for; null when everything there is has come. */
  readonly fields: ReadonlySet<string> | null;
  /**
   * Reads the row's thing again, with at least `wanted` of it, and tells `loading` what has come. Calls of
   * one tick are batched.
   *
   * @returns never rejected: ends when that has been told, or why it has not come
   */
  readonly load: (row: Row, wanted: Wanted, loading: Loading<Row>) => Promise<void>;
  /** Told of each property that selection analysis missed. */
  readonly onTopUp: (row: Row, property: string) => void;
  /** Told of each link to another noun of which the row holds all that is wanted. */
  readonly onFreeLink?: ((row: Row, property: string) => void) | undefined;
  /** What the answer's rows lead to; absent where each link has a row of its own. */
  readonly links?: Links<Row> | undefined;
}

/** Of a part: the row around it, and the property that leads from there to it. */
interface Within {
  readonly whole: Row;
  readonly as: string;
}

const none: readonly never[] = [];

export class Row<M extends object = object> {
  /** Null for a part, which has no identity of its own. */
  readonly noun: Noun | null;
  readonly view: View;
  readonly raw: Raw;
  readonly origin: Origin;
  readonly #within: Within | undefined;
  /** The same thing as it is read again, each time with what was missing then. */
  #more: Loading<Row>[] | undefined;
  #key: string | undefined;

  constructor(noun: Noun | null, view: View, raw: Raw, origin: Origin, within?: Within) {
    this.noun = noun;
    this.view = view;
    this.raw = raw;
    this.origin = origin;
    this.#within = within;
  }

  /** The upstream's identifier, which every row of a noun holds. */
  get key(): string {
    this.#key ??= this.read('uuid') as string;
    return this.#key;
  }

  /** Whether the property can be read without a call. */
  holds(property: string): boolean {
    const reading = this.view[property];
    return reading !== undefined && isHeld(reading, this.origin.fields);
  }

  /** A property that the row holds. */
  read(property: string): unknown {
    if (property === 'uuid' && this.#key !== undefined) {
      // It has been looked at, and most queries show it.
      return this.#key;
    }
    return this.view[property]?.read(this.raw, this);
  }

  /**
   * The property: at once when the row holds it, else by way of a call that is shared with whatever
   * else is needed in the same tick.
   *
   * What the upstream should not have sent is a rejection, too, rather than thrown at once: a list of
   * which one item throws while others are awaited leaves these to nobody in GraphQL's executors.
   *
   * @throws {UpstreamFailure} by rejection
   */
  get<P extends keyof M & string>(property: P): M[P] | Promise<M[P]> {
    const holder = this.#holderOf(property);
    if (holder === undefined) {
      return this.#getFromMore(property) as Promise<M[P]>;
    }
    try {
      return holder.read(property) as M[P];
    } catch (reason) {
      return Promise.reject(reason);
    }
  }

  /**
   * What a link or part leads to, with what it does not hold of `wanted` on its way: see `coming`.
   *
   * @throws {UpstreamFailure} by rejection
   */
  follow<P extends keyof M & string>(link: P, wanted: Wanted): M[P] | Promise<M[P]> {
    const found = this.get(link);
    if (found instanceof Promise) {
      return this.#followLater(found, link, wanted);
    }
    this.#wanting(link, found, wanted);
    return found;
  }

  async #followLater<V>(found: Promise<V>, link: string, wanted: Wanted): Promise<V> {
    const there = await found;
    this.#wanting(link, there, wanted);
    return there;
  }

  /**
   * Begins to load what the row does not hold of `wanted`; its properties then wait for that.
   *
   * @returns whether the row holds it all
   */
  want(wanted: Wanted): boolean {
    const missing = missingOf(wanted, this.view, this.origin.fields);
    if (missing === null) {
      return true;
    }
    // Whoever reads one of the properties hears of a failure; nobody else has to.
    if (this.#more?.some(({ wanted: begun }) => begun === missing) !== true) {
      this.#load(missing);
    }
    return false;
  }

  /**
   * Ends when something that is on its way has come, or failed to; undefined when nothing is. For whoever
   * reads nothing but values: one wait for many rows, instead of one for each value of each.
   */
  get coming(): Promise<void> | undefined {
    for (const { end } of this.#more ?? none) {
      if (end !== undefined) {
        return end;
      }
    }
    return undefined;
  }

  #wanting(link: string, there: unknown, wanted: Wanted): void {
    if (there instanceof Row && there.want(wanted) && there.noun !== null) {
      this.origin.onFreeLink?.(this, link);
    }
  }

  /** The row, or what has come of it since, that holds a property. */
  #holderOf(property: string): Row | undefined {
    if (this.holds(property)) {
      return this;
    }
    for (const { row } of this.#more ?? none) {
      if (row?.holds(property) === true) {
        return row;
      }
    }
    return undefined;
  }

  async #getFromMore(property: string): Promise<unknown> {
    // What others begin to load meanwhile is waited for as well.
    for (const loading of this.#more ?? none) {
      if (property in loading.wanted) {
        const row = await loading.come();
        if (row.holds(property)) {
          return row.read(property);
        }
      }
    }
    this.origin.onTopUp(this, property);
    const row = await this.#load({ [property]: {} }).come();
    if (!row.holds(property)) {
      throw new Error(`${this.noun?.name ?? 'a part'} was loaded without ${property}`);
    }
    return row.read(property);
  }

  #load(wanted: Wanted): Loading<Row> {
    const loading = new Loading<Row>(wanted);
    this.#more ??= [];
    this.#more.push(loading);
    try {
      loading.endsWith(
        this.#within === undefined
          ? this.origin.load(this, wanted, loading)
          : loading.takeFrom(this.#loadPart(this.#within, wanted)),
      );
    } catch (reason) {
      // Whoever follows a link may be one of many: nothing is thrown at once.
      loading.fail(reason);
    }
    return loading;
  }

  async #loadPart({ whole, as }: Within, wanted: Wanted): Promise<Row> {
    const again = await whole.#load({ [as]: wanted }).come();
    return again.read(as) as Row;
  }
}

function isHeld({ fields }: Reading, asked: Origin['fields']): boolean {
  if (asked !== null) {
    for (const field of fields) {
      if (!asked.has(field)) {
        return false;
      }
    }
  }
  return true;
}

/** By what was asked for, then by what is wanted: found out once for all rows of a page, and of the next. */
const knownMissing = new WeakMap<object, WeakMap<Wanted, Map<View, Wanted | null>>>();
const whole = {};

/** What is wanted and not held; null when all is. */
function missingOf(wanted: Wanted, view: View, asked: Origin['fields']): Wanted | null {
  let byWanted = knownMissing.get(asked ?? whole);
  if (byWanted === undefined) {
    byWanted = new WeakMap();
    knownMissing.set(asked ?? whole, byWanted);
  }
  let byView = byWanted.get(wanted);
  if (byView === undefined) {
    byView = new Map();
    byWanted.set(wanted, byView);
  }
  let missing = byView.get(view);
  if (missing === undefined) {
    missing = findMissing(wanted, view, asked);
    byView.set(view, missing);
  }
  return missing;
}

function findMissing(wanted: Wanted, view: View, asked: Origin['fields']): Wanted | null {
  const missing = Object.entries(wanted).filter(([property]) => {
    const reading = view[property];
    return reading === undefined || !isHeld(reading, asked);
  });
  return missing.length === 0 ? null : Object.fromEntries(missing);
}
