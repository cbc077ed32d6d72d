/** One exchange for all who ask for the same at the same time, as the same caller. */

import { Passing } from './passing.ts';
import { Stop, type StopSignal } from './stop.ts';

/** Lets go of everything at its end: whoever still leads to it, as `Passing` tells, leads to nothing else. */
interface UnderWay<V> {
  readonly caller: string;
  stop: Stop | undefined;
  waiting: Waiting<V>[];
  /** Of the one who had the most when the last came. */
  leftMs: Waiter['leftMs'];
}

interface Waiting<V> {
  readonly signal: StopSignal | undefined;
  readonly answered: (answer: V) => void;
  readonly failed: (reason: unknown) => void;
  onLeave: (() => void) | undefined;
}

/** Who waits for an exchange. */
export interface Waiter {
  /** Fires when this one has left. */
  readonly signal: StopSignal | undefined;
  /** How long this one can wait, in milliseconds; any time where absent. */
  readonly leftMs?: (() => number) | undefined;
}

/** What one who waits makes of an exchange's end: a value, or whatever it throws. */
export interface Reading<V, R> {
  /** @param isShared - whether somebody else had asked for it before */
  readonly answered: (answer: V, isShared: boolean) => R;
  /** @param reason - the exchange's, or that this one has left */
  readonly failed: (reason: unknown) => R;
}

export class Sharing<V> {
  readonly #left: (reason: unknown) => Error;
  readonly #inTime: (handOut: () => void) => void;
  /** By caller and what is asked for. */
  readonly #underWay = new Passing<string, UnderWay<V>>();

  /**
   * @param left - what one is told who has left, by the signal's reason
   * @param inTime - hands an answer out when it is time for that; at once where absent
   */
  constructor(
    left: (reason: unknown) => Error,
    inTime: (handOut: () => void) => void = (handOut) => handOut(),
  ) {
    this.#left = left;
    this.#inTime = inTime;
  }

  /** Exchanges under way that can be joined. */
  get size(): number {
    return this.#underWay.size;
  }

  /**
   * Joins the exchange that is under way, or begins it. It is stopped when all who wait for it have
   * left; the leaving of some is nothing to the others.
   *
   * @param caller - whose exchanges `end` ends; no line's end is in it
   * @param what - everything else that can change the answer
   * @param begin - the signal fires when nobody waits any more, as the last one's has; `leftMs` tells how long the one who can
   *   wait the longest can
   * @param reading - hears of what `begin` gives or throws, or of what `left` gives when this one's signal fires
   * @returns what that makes of it
   */
  ask<R>(
    caller: string,
    what: string,
    waiter: Waiter,
    begin: (signal: StopSignal, leftMs: () => number) => Promise<V>,
    reading: Reading<V, R>,
  ): Promise<R> {
    const { signal } = waiter;
    if (signal?.aborted) {
      return new Promise((resolve) => resolve(reading.failed(this.#left(signal.reason))));
    }
    const key = `${caller}\n${what}`;
    const joined = this.#underWay.get(key);
    if (joined !== undefined && leftMsOf(waiter) > leftMsOf(joined)) {
      joined.leftMs = waiter.leftMs;
    }
    const exchange = joined ?? this.#begin(caller, key, waiter, begin);
    return new Promise((resolve, reject) => {
      const ends = (end: () => R) => {
        try {
          resolve(end());
        } catch (reason) {
          reject(reason);
        }
      };
      const waiting: Waiting<V> = {
        signal,
        answered: (answer) => ends(() => reading.answered(answer, joined !== undefined)),
        failed: (reason) => ends(() => reading.failed(reason)),
        onLeave: undefined,
      };
      exchange.waiting.push(waiting);
      if (signal !== undefined) {
        const onLeave = () => this.#leave(key, exchange, waiting);
        waiting.onLeave = onLeave;
        signal.addEventListener('abort', onLeave, { once: true });
      }
    });
  }

  /** From here on nobody joins what this caller has under way; who waits for it still gets it. */
  end(caller: string): void {
    for (const [key, exchange] of this.#underWay) {
      if (exchange.caller === caller) {
        this.#underWay.delete(key);
      }
    }
  }

  #begin(
    caller: string,
    key: string,
    { leftMs }: Waiter,
    begin: (signal: StopSignal, leftMs: () => number) => Promise<V>,
  ): UnderWay<V> {
    const stop = new Stop();
    const exchange: UnderWay<V> = { caller, stop, waiting: [], leftMs };
    const begun = begin(stop, () => leftMsOf(exchange));
    this.#underWay.set(key, exchange);
    begun.then(
      (answer) =>
        this.#inTime(() => {
          for (const { answered } of this.#finish(key, exchange)) {
            answered(answer);
          }
        }),
      (reason: unknown) => {
        for (const { failed } of this.#finish(key, exchange)) {
          failed(reason);
        }
      },
    );
    return exchange;
  }

  /** @returns those who still wait */
  #finish(key: string, exchange: UnderWay<V>): readonly Waiting<V>[] {
    const { waiting } = exchange;
    for (const { signal, onLeave } of waiting) {
      if (onLeave !== undefined) {
        signal?.removeEventListener('abort', onLeave);
      }
    }
    this.#forget(key, exchange);
    exchange.waiting = [];
    exchange.stop = undefined;
    exchange.leftMs = undefined;
    return waiting;
  }

  #leave(key: string, exchange: UnderWay<V>, waiting: Waiting<V>): void {
    const { signal, failed } = waiting;
    exchange.waiting.splice(exchange.waiting.indexOf(waiting), 1);
    if (exchange.waiting.length === 0) {
      this.#forget(key, exchange);
      exchange.stop?.abort(signal?.reason);
    }
    failed(this.#left(signal?.reason));
  }

  #forget(key: string, exchange: UnderWay<V>): void {
    if (this.#underWay.get(key) === exchange) {
      this.#underWay.delete(key);
    }
  }
}

function leftMsOf({ leftMs }: Pick<Waiter, 'leftMs'>): number {
  return leftMs?.() ?? Number.POSITIVE_INFINITY;
}
