/** Calls that are ready in one turn of the event loop are sent one after the other at its end. */

/**
 * Runs `write` at the end of this turn, in the order of asking. It may not throw: others come after it.
 *
 * Each write to a process that sleeps wakes it, which costs more than a small call itself; one
 * that is awake already takes the next one for nothing. At most a turn's time is lost.
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
