/** How many calls may be under way at a time, per key. */

import { Passing } from './passing.ts';
import type { StopSignal } from './stop.ts';

interface Lane {
  active: number;
  readonly waiting: (() => void)[];
}

/** What is said to those who do not get a place. */
interface LaneRefusals {
  readonly full: () => Error;
  readonly left: (reason: unknown) => Error;
}

/** Lets at most `width` calls of one key be under way; the others wait in the order of arrival. */
export class Lanes {
  readonly #width: number;
  readonly #mostWaiting: number;
  readonly #refusals: LaneRefusals;
  readonly #lanes = new Passing<string, Lane>();

  /** @param mostWaiting - of one key */
  constructor(width: number, mostWaiting: number, refusals: LaneRefusals) {
    this.#width = width;
    this.#mostWaiting = mostWaiting;
    this.#refusals = refusals;
  }

  /** Keys with a call under way. */
  get size(): number {
    return this.#lanes.size;
  }

  /** Calls that wait for others of their key. */
  get waiting(): number {
    let waiting = 0;
    for (const [, lane] of this.#lanes) {
      waiting += lane.waiting.length;
    }
    return waiting;
  }

  /**
   * Takes a place as soon as there is one, to be given back by `leave`.
   *
   * @returns undefined when that is at once
   * @throws what `left` gives when the signal fires first; what `full` gives, at once, when too many wait
   */
  enter(key: string, signal: StopSignal | undefined): Promise<void> | undefined {
    if (signal?.aborted) {
      throw this.#refusals.left(signal.reason);
    }
    const lane = this.#lanes.get(key);
    if (lane === undefined) {
      this.#lanes.set(key, { active: 1, waiting: [] });
      return undefined;
    }
    if (lane.active < this.#width) {
      lane.active += 1;
      return undefined;
    }
    if (lane.waiting.length >= this.#mostWaiting) {
      throw this.#refusals.full();
    }
    return this.#wait(lane, signal);
  }

  leave(key: string): void {
    const lane = this.#lanes.get(key);
    const next = lane?.waiting.shift();
    if (next !== undefined) {
      // The place passes on without being free in between.
      next();
    } else if (lane !== undefined) {
      lane.active -= 1;
      if (lane.active === 0) {
        this.#lanes.delete(key);
      }
    }
  }

  #wait({ waiting }: Lane, signal: StopSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', onLeave);
        resolve();
      };
      const onLeave = () => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(this.#refusals.left(signal?.reason));
      };
      signal?.addEventListener('abort', onLeave, { once: true });
      waiting.push(go);
    });
  }
}
