/** How many calls may be under way at a time, per key. */

interface Lane {
  active: number;
  readonly waiting: (() => void)[];
}

/** Lets at most `width` tasks of one key run at a time; the others wait in the order of arrival. */
export class Lanes {
  readonly #width: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(width: number) {
    this.#width = width;
  }

  /** Keys with a task under way. */
  get size(): number {
    return this.#lanes.size;
  }

  /** Tasks that wait for others of their key. */
  get waiting(): number {
    let waiting = 0;
    for (const lane of this.#lanes.values()) {
      waiting += lane.waiting.length;
    }
    return waiting;
  }

  /** The task's own result or error. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(key) ?? { active: 0, waiting: [] };
    this.#lanes.set(key, lane);
    if (lane.active >= this.#width) {
      await new Promise<void>((resolve) => {
        lane.waiting.push(resolve);
      });
    } else {
      lane.active += 1;
    }
    try {
      return await task();
    } finally {
      const next = lane.waiting.shift();
      if (next !== undefined) {
        // The place passes on without being free in between.
        next();
      } else {
        lane.active -= 1;
        if (lane.active === 0) {
          this.#lanes.delete(key);
        }
      }
    }
  }
}
