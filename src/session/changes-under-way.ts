/** Mutations that are under way, also of clients that have left: the process has to wait for their end. */

/** One of them. */
export interface UnderWay {
  /** Its request's, in logs; null without a request. */
  readonly requestId: string | null;
  /** Told when there is no more time. */
  readonly stop: () => void;
}

export class ChangesUnderWay {
  readonly #all = new Set<UnderWay>();
  #onNone = () => {};

  /** What `act` gives or throws; it is under way until then. */
  async during<V>(one: UnderWay, act: () => V | Promise<V>): Promise<V> {
    this.#all.add(one);
    try {
      return await act();
    } finally {
      this.#all.delete(one);
      if (this.#all.size === 0) {
        this.#onNone();
      }
    }
  }

  /**
   * Waits until there are none, for so many milliseconds at most; then stops those that are left.
   *
   * @returns these
   */
  async close(graceMs: number): Promise<readonly UnderWay[]> {
    if (this.#all.size > 0) {
      await new Promise<void>((resolve) => {
        const impatience = setTimeout(resolve, graceMs);
        this.#onNone = () => {
          clearTimeout(impatience);
          resolve();
        };
      });
    }
    const left = [...this.#all];
    for (const { stop } of left) {
      stop();
    }
    return left;
  }
}
