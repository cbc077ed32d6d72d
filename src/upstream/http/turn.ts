/** Answers that are ready in one turn of the event loop are written one after the other at its end. */

/**
 * Runs `write` at the end of this turn, in the order of asking. It may not throw: others come after it.
 *
 * Each write to a client that sleeps wakes it, which costs more than a small answer itself; clients
 * that are awake already take the next one for nothing. At most a turn's time is lost.
 */
export function atEndOfTurn(write: () => void): void {
  if (waiting.push(write) === 1) {
    setImmediate(writeAll);
  }
}

let waiting: (() => void)[] = [];

function writeAll(): void {
  const writes = waiting;
  waiting = [];
  for (const write of writes) {
    write();
  }
}
