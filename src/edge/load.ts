/** Whether the process keeps up with what it is asked. */

const sampleMs = 100;
/** One long piece of work is no overload: what counts is a second of being late. */
const samples = 10;

/** How late the event loop is, or whoever it has not got round to, in milliseconds, on average over the last second. */
export class Load {
  readonly #maxLagMs: number;
  readonly #lags: number[] = [];
  readonly #timer: NodeJS.Timeout;
  #lagMs = 0;

  /**
   * @param maxLagMs - 0 for any
   * @param waitMs - how long requests wait to be begun
   */
  constructor(maxLagMs: number, waitMs: () => number) {
    this.#maxLagMs = maxLagMs;
    let expectedMs = performance.now() + sampleMs;
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.#lags.push(Math.max(0, nowMs - expectedMs, waitMs()));
      if (this.#lags.length > samples) {
        this.#lags.shift();
      }
      this.#lagMs = this.#lags.reduce((sum, lag) => sum + lag, 0) / samples;
      expectedMs = nowMs + sampleMs;
    }, sampleMs).unref();
  }

  get lagMs(): number {
    return this.#lagMs;
  }

  isTooHigh(): boolean {
    return this.#maxLagMs > 0 && this.lagMs > this.#maxLagMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
