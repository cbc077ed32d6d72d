/** Answers that hold for a while after they have come, each for the caller who got it. */

/** Bounds that keep a long-running process small: begun anew when full. */
const mostKept = 500;
const mostLetters = 65_536;

interface Entry<V> {
  readonly answer: V;
  readonly untilMs: number;
}

/** What one caller may be answered with. Ended with the caller's next change, whoever still holds it. */
export type KeptOf<V> = Map<string, Entry<V>>;

export class Kept<V> {
  readonly #forMs: number;
  readonly #lettersOf: (answer: V) => number;
  readonly #callers = new Map<string, KeptOf<V>>();
  #sweep: NodeJS.Timeout | undefined;
  #size = 0;

  /** @param forMs - how long an answer holds, in milliseconds */
  constructor(forMs: number, lettersOf: (answer: V) => number) {
    this.#forMs = forMs;
    this.#lettersOf = lettersOf;
  }

  /** To be asked for before a call is sent: what comes of it is kept there, unless it was ended meanwhile. */
  of(caller: string): KeptOf<V> {
    const known = this.#callers.get(caller);
    if (known !== undefined) {
      return known;
    }
    const kept: KeptOf<V> = new Map();
    this.#callers.set(caller, kept);
    return kept;
  }

  /** Undefined when there is none that still holds. */
  get(kept: KeptOf<V>, key: string): V | undefined {
    const entry = kept.get(key);
    return entry !== undefined && performance.now() < entry.untilMs ? entry.answer : undefined;
  }

  keep(kept: KeptOf<V>, key: string, answer: V): void {
    if (this.#lettersOf(answer) > mostLetters) {
      return;
    }
    if (this.#size >= mostKept) {
      this.#callers.clear();
      this.#size = 0;
    }
    kept.set(key, { answer, untilMs: performance.now() + this.#forMs });
    this.#size += 1;
    this.#sweep ??= setTimeout(() => this.#dropOld(), this.#forMs).unref();
  }

  /** Nothing that was asked for before answers this caller any more. */
  end(caller: string): void {
    this.#callers.delete(caller);
  }

  #dropOld(): void {
    const nowMs = performance.now();
    this.#size = 0;
    for (const [caller, kept] of this.#callers) {
      for (const [key, { untilMs }] of kept) {
        if (untilMs <= nowMs) {
          kept.delete(key);
        }
      }
      this.#size += kept.size;
      if (kept.size === 0) {
        // A call may be under way for it: its answer is not kept then, which is no harm.
        this.#callers.delete(caller);
      }
    }
    this.#sweep =
      this.#size > 0 ? setTimeout(() => this.#dropOld(), this.#forMs).unref() : undefined;
  }
}
