/** What each payer has asked for in this minute, counted in this process alone. */

import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** Credentials are counted before any cloud has seen them: made-up ones have to make room. */
const mostPayers = 20_000;

export class OwnAllowances {
  readonly #limit: number;
  readonly #size: () => number;
  readonly #most: number;
  readonly #limiter: RateLimiterMemory;
  /** In the order of their last operations. */
  readonly #payers = new Set<string>();

  /**
   * @param limit - what all instances allow together
   * @param size - how many there are
   * @param most - how many payers are remembered: the one who has asked longest ago begins anew
   */
  constructor(limit: number, windowSeconds: number, size: () => number, most = mostPayers) {
    this.#limit = limit;
    this.#size = size;
    this.#most = most;
    this.#limiter = new RateLimiterMemory({ points: limit, duration: windowSeconds });
  }

  /** @returns how it is with the payer now, and the share of the limit that it may have here */
  async take(payer: string, cost: number) {
    await this.#remember(payer);
    const share = Math.max(1, Math.floor(this.#limit / this.#size()));
    this.#limiter.points = share;
    // It throws the same when that is too much.
    const state = await this.#limiter
      .consume(payer, cost)
      .catch((over: unknown) => over as RateLimiterRes);
    return { state, share };
  }

  async #remember(payer: string): Promise<void> {
    this.#payers.delete(payer);
    this.#payers.add(payer);
    const [oldest] = this.#payers;
    if (this.#payers.size > this.#most && oldest !== undefined) {
      this.#payers.delete(oldest);
      await this.#limiter.delete(oldest);
    }
  }
}
