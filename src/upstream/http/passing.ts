/** What is there for a short time only, by key. */

/** Fewer are not worth the trouble. */
const atLeast = 32;

/**
 * A Map that is added to and deleted from for as long as the process lives. V8 puts its entries into another
 * table from time to time, and lets each former table lead to the next one: the first that is old keeps all
 * that follow, with every key that was in them, until everything is collected. A new Map is led to by none.
 */
export class Passing<K, V> {
  #entries = new Map<K, V>();
  #added = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    this.#added += 1;
    if (this.#added > atLeast + this.#entries.size) {
      this.#entries = new Map(this.#entries);
      this.#added = 0;
    }
    this.#entries.set(key, value);
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries[Symbol.iterator]();
  }
}
