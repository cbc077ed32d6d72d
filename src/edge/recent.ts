/** What is found out about texts that come again and again, such as credentials. */

const most = 10_000;
/** Longer ones are none of a cloud's, and not worth keeping. */
const mostLetters = 1_024;

/** Begun anew when full: whoever still comes is there again at once. */
export class Recent<K extends string | null, V> {
  readonly #known = new Map<K, V>();

  get(key: K): V | undefined {
    return this.#known.get(key);
  }

  /** Does nothing for a key that is too long. */
  set(key: K, value: V): void {
    if (key !== null && key.length > mostLetters) {
      return;
    }
    if (this.#known.size >= most) {
      this.#known.clear();
    }
    this.#known.set(key, value);
  }
}
