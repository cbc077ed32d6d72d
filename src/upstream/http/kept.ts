/** Answers that hold for a while after they have come, each for the caller who got it. */

/** Bounds that keep a long-running process small: begun anew when full. */
const mostCallers = 10_000;
const mostBytes = 16_777_216;
/** Of one answer. */
const mostBytesEach = 65_536;

interface Entry<V> {
  readonly answer: V;
  readonly bytes: number;
  readonly untilMs: number;
}

/** What one caller may be answered with, until the caller's next change. */
interface KeptOf<V> {
  readonly answers: Map<string, Entry<V>>;
  /** Of all answers. */
  bytes: number;
  /** Nothing more is kept in it, whoever still holds it. */
  isEnded: boolean;
}

export class Kept<V> {
  readonly #forMs: number;
  readonly #bytesOf: (answer: V) => number;
  readonly #callers = new Map<string, KeptOf<V>>();
  #sweep: NodeJS.Timeout | undefined;
  #bytes = 0;

  /** @param forMs - how long an answer holds, in milliseconds */
  constructor(forMs: number, bytesOf: (answer: V) => number) {
    this.#forMs = forMs;
    this.#bytesOf = bytesOf;
  }

  /** Callers of whom something is remembered. */
  get size(): number {
    return this.#callers.size;
  }

  /** To be asked for before a call is sent: what comes of it is kept there, unless it was ended meanwhile. */
  of(caller: string): KeptOf<V> {
    const known = this.#callers.get(caller);
    if (known !== undefined) {
      return known;
    }
    if (this.#callers.size >= mostCallers) {
      this.#clear();
    }
    const kept: KeptOf<V> = { answers: new Map(), bytes: 0, isEnded: false };
    this.#callers.set(caller, kept);
    // Whoever never gets an answer, as with credentials that nobody has, is to be forgotten too.
    this.#sweep ??= setTimeout(() => this.#dropOld(), this.#forMs).unref();
    return kept;
  }

  /** Undefined when there is none that still holds. */
  get(kept: KeptOf<V>, key: string): V | undefined {
    const entry = kept.answers.get(key);
    return entry !== undefined && performance.now() < entry.untilMs ? entry.answer : undefined;
  }

  keep(kept: KeptOf<V>, key: string, answer: V): void {
    const bytes = this.#bytesOf(answer);
    if (kept.isEnded || bytes > mostBytesEach) {
      return;
    }
    this.#remove(kept, key);
    if (this.#bytes + bytes > mostBytes) {
      this.#clear();
      return;
    }
    kept.answers.set(key, { answer, bytes, untilMs: performance.now() + this.#forMs });
    this.#count(kept, bytes);
  }

  /** Nothing that was asked for before answers this caller any more. */
  end(caller: string): void {
    const kept = this.#callers.get(caller);
    if (kept !== undefined) {
      this.#callers.delete(caller);
      this.#count(kept, -kept.bytes);
      kept.isEnded = true;
    }
  }

  #remove(kept: KeptOf<V>, key: string): void {
    this.#count(kept, -(kept.answers.get(key)?.bytes ?? 0));
    kept.answers.delete(key);
  }

  #clear(): void {
    for (const caller of this.#callers.keys()) {
      this.end(caller);
    }
  }

  /** A call may be under way for a caller who is dropped: its answer is not kept then, which is no harm. */
  #dropOld(): void {
    const nowMs = performance.now();
    for (const [caller, kept] of this.#callers) {
      for (const [key, { untilMs }] of kept.answers) {
        if (untilMs <= nowMs) {
          this.#remove(kept, key);
        }
      }
      if (kept.answers.size === 0) {
        this.end(caller);
      }
    }
    this.#sweep =
      this.#callers.size > 0 ? setTimeout(() => this.#dropOld(), this.#forMs).unref() : undefined;
  }

  #count(kept: KeptOf<V>, bytes: number): void {
    kept.bytes += bytes;
    this.#bytes += bytes;
  }
}
