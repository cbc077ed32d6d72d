/** Answers on their way to clients, which a busy process writes several at a time. */

import { idleTurnMs } from './turnstile.ts';

/** So many are worth being written. */
const enough = 8;
/** Turns of the event loop, and milliseconds, that an answer waits for others at most. */
const mostTurns = 4;
const mostMs = 1;

/**
 * Writes answers at the end of a turn of the event loop: each write to a client that sleeps wakes it, which costs
 * more than a small answer itself; clients that are awake already take the next one for nothing.
 *
 * While the process is busy, one or two of a turn wait for those of the next turns. Clients that are
 * answered together ask together, and whatever is done for several in turn finds its code and data in the
 * processor's caches, which saves up to a tenth. Where there is nothing else to do, no answer waits for another.
 */
export class Outbox {
  readonly #isBusy: () => boolean;
  readonly #now: () => number;
  #writes: (() => void)[] = [];
  #turns = 0;
  #sinceMs = 0;
  #turnedMs = 0;

  /**
   * @param isBusy - whether there is so much to do that a request would have to wait
   * @param now - a clock, in milliseconds
   */
  constructor(isBusy: () => boolean, now = () => performance.now()) {
    this.#isBusy = isBusy;
    this.#now = now;
  }

  /** @param write - may not throw: others come after it */
  add(write: () => void): void {
    if (this.#writes.push(write) === 1) {
      this.#turns = 0;
      this.#sinceMs = this.#now();
      this.#turnedMs = Number.NEGATIVE_INFINITY;
      setImmediate(this.#turn);
    }
  }

  readonly #turn = (): void => {
    const nowMs = this.#now();
    const isIdle = nowMs - this.#turnedMs < idleTurnMs;
    this.#turnedMs = nowMs;
    this.#turns += 1;
    const mayWait =
      this.#writes.length < enough &&
      this.#turns < mostTurns &&
      this.#isBusy() &&
      !isIdle &&
      nowMs - this.#sinceMs < mostMs;
    if (mayWait) {
      setImmediate(this.#turn);
      return;
    }
    const writes = this.#writes;
    this.#writes = [];
    for (const write of writes) {
      write();
    }
  };
}
