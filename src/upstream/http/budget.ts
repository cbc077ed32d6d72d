/** How many calls an upstream takes from each payer within a window of time that slides. */

import { randomUUID } from 'node:crypto';
import type { Entry, Errand, Ledger, Rate } from './ledger.ts';
import { pause } from './pause.ts';
import { Purse } from './purse.ts';

/** What is said to those who do not get through. */
export interface Refusals {
  /** @param waitMs - until there would be a call left */
  readonly tooLong: (waitMs: number) => Error;
  readonly left: (reason: unknown) => Error;
}

/** A call that was let through, until it is at its end. */
export interface Place {
  /** How many more could be made at once. */
  readonly left: number;
  /** @param isSpent - whether the call was sent: else it is as if it had never been wanted */
  readonly leave: (isSpent: boolean) => void;
}

/** Payers who have not spent anything for a window are forgotten from this many on. */
const manyPayers = 1_000;

export class Budget {
  readonly #rate: Rate;
  readonly #patienceMs: number;
  readonly #refusals: Refusals;
  readonly #ledger: Ledger | undefined;
  readonly #purses = new Map<string, Purse>();
  #sweepAt = manyPayers;

  /**
   * @param patienceMs - how long an errand that is not patient may have to wait
   * @param ledger - what other instances spend of the same; absent when there are none
   */
  constructor(rate: Rate, patienceMs: number, refusals: Refusals, ledger?: Ledger) {
    this.#rate = rate;
    this.#patienceMs = patienceMs;
    this.#refusals = refusals;
    this.#ledger = ledger;
    ledger?.onUp(() => {
      for (const purse of this.#purses.values()) {
        purse.retell();
      }
    });
  }

  /** Payers with calls that wait or are under way. */
  get size(): number {
    return [...this.#purses.values()].filter(({ isInUse }) => isInUse).length;
  }

  /** Calls that wait for one to be left. */
  get waiting(): number {
    return [...this.#purses.values()].reduce((sum, purse) => sum + purse.waiting, 0);
  }

  /** Calls that the payer with the fewest left may make at once; undefined where there is no limit. */
  get leastLeft(): number | undefined {
    const { calls } = this.#rate;
    const left = [...this.#purses.values()].map((purse) => purse.leftInAll);
    return Number.isFinite(calls) ? Math.min(calls, ...left) : undefined;
  }

  /**
   * Lets a call through as soon as the payer may make one.
   *
   * @throws what `tooLong` gives, at once, for an errand that would have to wait for too long; what
   *   `left` gives when its signal fires while it waits
   */
  async enter(payer: string, errand: Errand): Promise<Place> {
    const purse = this.#purseOf(payer);
    const { isPatient } = errand;
    const entry: Entry = { id: `${isPatient ? 'p' : 'u'}${randomUUID()}`, isPatient };
    const { toldIn, left } = await this.#enter(purse, entry, errand);
    return {
      left,
      leave: (isSpent) => (isSpent ? purse.exit(entry, toldIn) : purse.withdraw(entry, toldIn)),
    };
  }

  /** Lets nobody through for so long: the upstream has said that it counts more calls than we do. */
  pause(payer: string, ms: number): void {
    this.#purseOf(payer).pause(ms);
    this.#ledger?.pause(payer, ms);
  }

  /** Waits until there is a call left, here and in all instances together. */
  async #enter(purse: Purse, entry: Entry, errand: Errand) {
    const { isPatient, signal, leftMs } = errand;
    const untilMs = performance.now() + this.#patienceMs;
    for (;;) {
      const patienceMs = Math.min(untilMs - performance.now(), leftMs?.() ?? this.#patienceMs);
      if (!isPatient && purse.waitMs > Math.max(0, patienceMs)) {
        throw this.#refusals.tooLong(purse.waitMs);
      }
      await purse.enter(errand, this.#refusals.left);
      const { left } = purse;
      if (this.#ledger === undefined || !Number.isFinite(this.#rate.calls)) {
        return { toldIn: undefined, left };
      }
      // The one that is asked: a later one may know nothing of what it is told.
      const { epoch } = this.#ledger;
      const taken = await purse.ask(entry);
      if (taken?.isTaken === true) {
        return { toldIn: epoch, left: Math.min(left, taken.left) };
      }
      if (taken === undefined && epoch === undefined) {
        return { toldIn: undefined, left };
      }
      purse.withdraw(entry, undefined);
      // Who has just lost the others begins again, with a share.
      if (taken?.isForAll) {
        purse.pause(taken.waitMs);
      } else if (taken !== undefined) {
        await pause(taken.waitMs, signal);
      }
    }
  }

  #purseOf(payer: string): Purse {
    const known = this.#purses.get(payer);
    if (known !== undefined) {
      return known;
    }
    if (this.#purses.size >= this.#sweepAt) {
      for (const [name, purse] of this.#purses) {
        if (!purse.isBusy) {
          this.#purses.delete(name);
        }
      }
      this.#sweepAt = Math.max(manyPayers, this.#purses.size * 2);
    }
    const purse = new Purse(payer, this.#rate, this.#ledger);
    this.#purses.set(payer, purse);
    return purse;
  }
}
