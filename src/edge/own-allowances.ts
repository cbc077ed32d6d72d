/** What each payer has asked for in this minute, counted in this process alone. */

import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** Credentials are counted before any cloud has seen them: made-up ones have to make room. */
const mostPayers = 20_000;

export class OwnAllowances {
  readonly #limit: number;
  readonly #size: () => number;
  readonly #limiter: RateLimiterMemory;
  readonly #payers: LRUCache<string, true>;

  /**
   * @param limit - what all instances allow together
   * @param size - how many there are
   * @param most - how many payers are remembered: the one who has asked longest ago begins anew
   */
  constructor(limit: number, windowSeconds: number, size: () => number, most = mostPayers) {
    this.#limit = limit;
    this.#size = size;
    this.#limiter = new RateLimiterMemory({ points: limit, duration: windowSeconds });
    this.#payers = new LRUCache({
      max: most,
      dispose: (_, payer) => void this.#limiter.delete(payer),
    });
  }

  /** @returns how it is with the payer now, and the share of the limit that it may have here */
  async take(payer: string, cost: number) {
    this.#payers.set(payer, true);
    const share = Math.max(1, Math.floor(this.#limit / this.#size()));
    this.#limiter.points = share;
    // It throws the same when that is too much.
    const state = await this.#limiter
      .consume(payer, cost)
      .catch((over: unknown) => over as RateLimiterRes);
    return { state, share };
  }
}
