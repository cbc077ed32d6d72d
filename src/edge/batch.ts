/** What need not be done at once is done for many at a time. */

/** Few enough to hold, and many enough for the first to be the only one that finds the processor's caches cold. */
const most = 64;

/**
 * Whatever each request adds a little to, e.g. a histogram. Between all else that a request needs, a
 * little takes several times as long as one after the other.
 */
export class Batch<T> {
  readonly #tell: (thing: T) => void;
  #things: T[] = [];

  /** @param tell - does what is to be done for each, in the order of their coming */
  constructor(tell: (thing: T) => void) {
    this.#tell = tell;
  }

  add(thing: T): void {
    if (this.#things.push(thing) >= most) {
      this.flush();
    }
  }

  flush(): void {
    const things = this.#things;
    this.#things = [];
    for (const thing of things) {
      this.#tell(thing);
    }
  }
}
