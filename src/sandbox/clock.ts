/** The sandbox's time: follows the machine's clock, or stands still until a test moves it. */

export interface Clock {
  /** Milliseconds since the epoch, in sandbox time. */
  now(): number;
  /** Moves sandbox time forward; whatever falls due in between has happened when this returns. */
  advance(ms: number): void;
  /**
   * Has `act` happen so many milliseconds from now: seen at the latest by whoever calls `catchUp`
   * then.
   *
   * @returns how to call it off
   */
  after(ms: number, act: () => void): () => void;
  /** Kept when so much sandbox time has passed. */
  sleep(ms: number): Promise<void>;
  /** Lets everything happen that has fallen due. */
  catchUp(): void;
}

/**
 * A clock that runs with the machine's, ahead of it by all that it was advanced.
 *
 * @param stopped - an instant, in milliseconds since the epoch, at which to stand still instead;
 *   the clock then moves by `advance` alone
 */
export function openClock(stopped?: number): Clock {
  let aheadMs = 0;
  const agenda: { dueMs: number; act: () => void }[] = [];
  const now = () => (stopped ?? Date.now()) + aheadMs;
  const next = (untilMs: number) => {
    const first = agenda.reduce<(typeof agenda)[number] | undefined>(
      (soonest, entry) => (soonest && soonest.dueMs <= entry.dueMs ? soonest : entry),
      undefined,
    );
    return first !== undefined && first.dueMs <= untilMs ? first : undefined;
  };
  const happen = (entry: (typeof agenda)[number]) => {
    agenda.splice(agenda.indexOf(entry), 1);
    entry.act();
  };
  const after = (ms: number, act: () => void) => {
    const entry = { dueMs: now() + ms, act };
    agenda.push(entry);
    return () => {
      const index = agenda.indexOf(entry);
      if (index >= 0) {
        agenda.splice(index, 1);
      }
    };
  };
  const catchUp = () => {
    for (let entry = next(now()); entry !== undefined; entry = next(now())) {
      happen(entry);
    }
  };
  return {
    now,
    advance(ms) {
      const untilMs = now() + ms;
      for (let entry = next(untilMs); entry !== undefined; entry = next(untilMs)) {
        aheadMs += Math.max(0, entry.dueMs - now());
        happen(entry);
      }
      aheadMs += Math.max(0, untilMs - now());
    },
    after,
    sleep: (ms) =>
      new Promise((resolve) => {
        after(ms, resolve);
        if (stopped === undefined) {
          // Nobody else may come by at that time.
          setTimeout(catchUp, ms).unref();
        }
      }),
    catchUp,
  };
}
