/** How many requests are begun at a time. */

import { Passing } from '../upstream/http/passing.ts';

/** Enough to keep the process busy, and few enough for most of what they hold not to outlive them. */
const most = 16;
/** In each turn, however many are under way: some of these may wait for very long. */
const least = 2;
/** In a turn in which there was nothing else to do. */
const whileIdle = 8;
/** Turns of the event loop that take less have done nothing worth the name. */
export const idleTurnMs = 0.25;

/** Requests that are alike: they may become one execution, so they are begun together and count as one. */
interface Alike {
  /** Those that wait or are under way. */
  size: number;
  /** Undefined once they have begun. */
  waiting: (() => void)[] | undefined;
}

interface Waiting {
  readonly alike: Alike;
  readonly sinceMs: number;
}

/**
 * Lets requests be begun in the order of their coming: all, until some are under way, and then as the
 * process gets round to it.
 *
 * Without it, a busy process begins whatever has come, and all of it lies half done: as much has to be
 * held on to as clients can ask at once, and so much of it survives each collection of garbage that
 * collecting costs more than it need. One that waits for its upstreams turns quickly, and delays nothing.
 */
export class Turnstile {
  readonly #now: () => number;
  readonly #alike = new Passing<unknown, Alike>();
  #underWay = 0;
  #waiting: Waiting[] = [];
  #turnedMs = 0;

  /** @param now - a clock, in milliseconds */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Has a request begun, at once or in its turn. Whoever has begun says when they `leave`.
   *
   * @param kind - what requests have in common that are alike
   * @param begin - may not throw: others come after it
   */
  enter(kind: unknown, begin: () => void): void {
    const alike = this.#alike.get(kind) ?? this.#first(kind);
    alike.size += 1;
    if (alike.waiting === undefined) {
      begin();
    } else {
      alike.waiting.push(begin);
    }
  }

  leave(kind: unknown): void {
    const alike = this.#alike.get(kind);
    if (alike === undefined) {
      return;
    }
    alike.size -= 1;
    if (alike.size === 0) {
      this.#alike.delete(kind);
      this.#underWay -= 1;
    }
  }

  /** Whether whoever comes now would have to wait. */
  get isFull(): boolean {
    return this.#waiting.length > 0 || this.#underWay >= most;
  }

  /** How long the first of those who wait has done so, in milliseconds; 0 when nobody does. */
  get waitMs(): number {
    const [first] = this.#waiting;
    return first === undefined ? 0 : this.#now() - first.sinceMs;
  }

  /** The first of its kind that waits or is under way. */
  #first(kind: unknown): Alike {
    const isFull = this.isFull;
    const alike: Alike = { size: 0, waiting: isFull ? [] : undefined };
    this.#alike.set(kind, alike);
    if (isFull) {
      this.#wait(alike);
    } else {
      this.#underWay += 1;
    }
    return alike;
  }

  #wait(alike: Alike): void {
    const sinceMs = this.#now();
    if (this.#waiting.length === 0) {
      this.#turnedMs = sinceMs;
      setImmediate(this.#turn);
    }
    this.#waiting.push({ alike, sinceMs });
  }

  readonly #turn = (): void => {
    const nowMs = this.#now();
    const isIdle = nowMs - this.#turnedMs < idleTurnMs;
    this.#turnedMs = nowMs;
    const places = isIdle ? whileIdle : Math.max(least, most - this.#underWay);
    const begun = this.#waiting.splice(0, places);
    this.#underWay += begun.length;
    if (this.#waiting.length > 0) {
      setImmediate(this.#turn);
    }
    for (const { alike } of begun) {
      const begins = alike.waiting ?? [];
      alike.waiting = undefined;
      for (const begin of begins) {
        begin();
      }
    }
  };
}
