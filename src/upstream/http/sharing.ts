/** One exchange for all who ask for the same at the same time, as the same caller. */

import { Stop, type StopSignal } from './stop.ts';

/**
 * Lets go of everything at its end. A Map that is added to and deleted from for as long as the process
 * lives leaves behind its former tables, each holding what was in it and the next one: V8 collects these
 * only when it collects everything.
 */
interface UnderWay<V> {
  answer: Promise<V> | undefined;
  stop: Stop | undefined;
  waiters: number;
  /** Of the one who had the most when the last came. */
  leftMs: Waiter['leftMs'];
}

/** Who waits for an exchange. */
export interface Waiter {
  /** Fires when this one has left. */
  readonly signal: StopSignal | undefined;
  /** How long this one can wait, in milliseconds; any time where absent. */
  readonly leftMs?: (() => number) | undefined;
}

/** An answer, and whether somebody else had asked for it before. */
export interface Shared<V> {
  readonly answer: V;
  readonly isShared: boolean;
}

export class Sharing<V> {
  readonly #left: (reason: unknown) => Error;
  /** By caller, then by what is asked for. */
  readonly #underWay = new Map<string, Map<string, UnderWay<V>>>();

  /** @param left - what one is told who has left, by the signal's reason */
  constructor(left: (reason: unknown) => Error) {
    this.#left = left;
  }

  /** Exchanges under way that can be joined. */
  get size(): number {
    let size = 0;
    for (const exchanges of this.#underWay.values()) {
      size += exchanges.size;
    }
    return size;
  }

  /**
   * Joins the exchange that is under way, or begins it. It is stopped when all who wait for it have
   * left; the leaving of some is nothing to the others.
   *
   * @param caller - whose exchanges `end` ends
   * @param key - everything that can change the answer
   * @param begin - the signal fires when nobody waits any more, as the last one's has; `leftMs` tells how long the one who can
   *   wait the longest can
   * @throws what `left` gives when this one's signal fires, and whatever `begin` throws
   */
  ask(
    caller: string,
    key: string,
    waiter: Waiter,
    begin: (signal: StopSignal, leftMs: () => number) => Promise<V>,
  ): Promise<Shared<V>> {
    const { signal } = waiter;
    if (signal?.aborted) {
      return Promise.reject(this.#left(signal.reason));
    }
    const joined = this.#underWay.get(caller)?.get(key);
    const exchange = joined ?? this.#begin(caller, key, waiter, begin);
    exchange.waiters += 1;
    if (joined !== undefined && leftMsOf(waiter) > leftMsOf(joined)) {
      joined.leftMs = waiter.leftMs;
    }
    return new Promise((resolve, reject) => {
      const onLeave = () => {
        exchange.waiters -= 1;
        if (exchange.waiters === 0) {
          this.#forget(caller, key, exchange);
          exchange.stop?.abort(signal?.reason);
        }
        reject(this.#left(signal?.reason));
      };
      signal?.addEventListener('abort', onLeave, { once: true });
      const onEnd = () => signal?.removeEventListener('abort', onLeave);
      exchange.answer?.then(
        (answer) => {
          onEnd();
          resolve({ answer, isShared: joined !== undefined });
        },
        (reason: unknown) => {
          onEnd();
          reject(reason);
        },
      );
    });
  }

  /** From here on nobody joins what this caller has under way; who waits for it still gets it. */
  end(caller: string): void {
    this.#underWay.delete(caller);
  }

  #begin(
    caller: string,
    key: string,
    { leftMs }: Waiter,
    begin: (signal: StopSignal, leftMs: () => number) => Promise<V>,
  ): UnderWay<V> {
    const stop = new Stop();
    const exchange: UnderWay<V> = { answer: undefined, stop, waiters: 0, leftMs };
    exchange.answer = begin(stop, () => leftMsOf(exchange));
    const forget = () => {
      this.#forget(caller, key, exchange);
      exchange.answer = undefined;
      exchange.stop = undefined;
      exchange.leftMs = undefined;
    };
    exchange.answer.then(forget, forget);
    const exchanges = this.#underWay.get(caller) ?? new Map<string, UnderWay<V>>();
    this.#underWay.set(caller, exchanges);
    exchanges.set(key, exchange);
    return exchange;
  }

  #forget(caller: string, key: string, exchange: UnderWay<V>): void {
    const exchanges = this.#underWay.get(caller);
    if (exchanges?.get(key) === exchange) {
      exchanges.delete(key);
      if (exchanges.size === 0) {
        this.#underWay.delete(caller);
      }
    }
  }
}

function leftMsOf({ leftMs }: Pick<Waiter, 'leftMs'>): number {
  return leftMs?.() ?? Number.POSITIVE_INFINITY;
}
