/** Objects of which nothing but values is shown, and whose values come together. */

import type { GraphQLObjectType } from 'graphql';
import type { Row } from '../../rows/row.ts';
import type { FieldPlan, Place } from './field.ts';
import { Later, type Listener } from './filling.ts';

/** What an execution does for them. */
interface Filler {
  readonly errors: readonly unknown[];
  /** @throws {GraphQLError} of a field that may not be null */
  fill(type: GraphQLObjectType, source: unknown, at: Place): object;
}

/**
 * The rows that one execution waits for. Many of them come by one call, and are shown when it has ended,
 * one after the other; one that is shown at several places is completed once.
 */
export class Arrivals {
  readonly #filler: Filler;
  readonly #byRow = new Map<Row, Arriving>();
  readonly #byEnd = new Map<Promise<void>, Arriving[]>();

  constructor(filler: Filler) {
    this.#filler = filler;
  }

  /**
   * What is shown of a row at a place.
   *
   * @param end - when it has come, or failed to; never rejected
   */
  shown(type: GraphQLObjectType, row: Row, end: Promise<void>, at: Place): Later {
    let arriving = this.#byRow.get(row);
    if (arriving?.plan !== at.plan || arriving.type !== type) {
      arriving = { type, row, plan: at.plan, stands: [] };
      this.#byRow.set(row, arriving);
      this.#await(arriving, end);
    }
    return new Stand(arriving, at);
  }

  #await(arriving: Arriving, end: Promise<void>): void {
    const others = this.#byEnd.get(end);
    if (others !== undefined) {
      others.push(arriving);
      return;
    }
    const all = [arriving];
    this.#byEnd.set(end, all);
    void end.then(() => {
      this.#byEnd.delete(end);
      for (const one of all) {
        // Whoever comes later finds it there.
        this.#byRow.delete(one.row);
        this.#show(one);
      }
    });
  }

  #show({ type, row, stands }: Arriving): void {
    const { errors } = this.#filler;
    let shown: object | undefined;
    for (const { at, listener } of stands) {
      if (shown !== undefined) {
        listener.done(shown);
        continue;
      }
      const before = errors.length;
      let value: object;
      try {
        value = this.#filler.fill(type, row, at);
      } catch (reason) {
        listener.failed(reason);
        continue;
      }
      if (value instanceof Later) {
        value.listen(listener);
        continue;
      }
      // What is wrong with it is told for each place.
      shown = errors.length === before ? value : undefined;
      listener.done(value);
    }
  }
}

interface Arriving {
  readonly type: GraphQLObjectType;
  readonly row: Row;
  readonly plan: FieldPlan;
  readonly stands: { readonly at: Place; readonly listener: Listener }[];
}

/** One of the places at which a row is shown. */
class Stand extends Later {
  readonly #arriving: Arriving;
  readonly #at: Place;

  constructor(arriving: Arriving, at: Place) {
    super();
    this.#arriving = arriving;
    this.#at = at;
  }

  override listen(listener: Listener): void {
    this.#arriving.stands.push({ at: this.#at, listener });
  }
}
