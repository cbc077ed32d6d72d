/** The sandbox's time: follows the machine's clock, or stands still until a test moves it. */

export interface Clock {
  /** Milliseconds since the epoch, in sandbox time. */
  now(): number;
  /** Moves sandbox time forward; whatever falls due in between has happened when this returns. */
  advance(ms: number): void;
}

/**
 * A clock that runs with the machine's, ahead of it by all that it was advanced.
 *
 * @param stopped - an instant, in milliseconds since the epoch, at which to stand still instead;
 *   the clock then moves by `advance` alone
 */
export function openClock(stopped?: number): Clock {
  let aheadMs = 0;
  return {
    now: () => (stopped ?? Date.now()) + aheadMs,
    advance(ms) {
      aheadMs += ms;
    },
  };
}
