/** Everything that one request reads from Waldur with one credential. */

import type { Origin } from '../../rows/row.ts';
import { Collection } from './collection.ts';
import type { WaldurConnection } from './connection.ts';
import { type Planning, Source, type WaldurNoun } from './source.ts';

interface ShelfOptions extends Planning {
  /** Told of each link that a row answered without a call. */
  readonly onFreeLink?: Origin['onFreeLink'];
}

export class Shelf {
  readonly #connection: WaldurConnection;
  readonly #options: ShelfOptions;
  readonly #collections = new Map<string, Collection>();
  /** Properties that had to be loaded because selection analysis missed them. */
  readonly topUps: string[] = [];

  constructor(connection: WaldurConnection, options: ShelfOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  collection(noun: WaldurNoun): Collection {
    const known = this.#collections.get(noun.name);
    if (known !== undefined) {
      return known;
    }
    const { onFreeLink } = this.#options;
    const source = new Source(noun, this.#connection, this.#options, {
      load: (row, wanted, loading) =>
        this.collection(row.noun as WaldurNoun).load(row, wanted, loading),
      onTopUp: (row, property) => {
        this.topUps.push(`${row.noun?.name ?? 'part'}.${property}`);
      },
      ...(onFreeLink === undefined ? {} : { onFreeLink }),
    });
    const collection = new Collection(source);
    this.#collections.set(noun.name, collection);
    return collection;
  }

  /** Drops all that was read: something was changed, or may have been. Rows in use go on. */
  forget(): void {
    this.#collections.clear();
  }
}
