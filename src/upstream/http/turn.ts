/** What is put off to the end of a turn of the event loop. */

/** So many are put off no further by those that come after them. */
const enough = 64;

let waiting: (() => void)[] = [];
let atEnd: NodeJS.Immediate | undefined;

/**
 * Runs `act` at the end of this turn, after the calls that were asked for in it have been sent, in the order of
 * asking. It may not throw: others come after it.
 *
 * undici, too, sends at the end of a turn whatever goes over a connection that was used before. An answer that
 * is worked on after that has its upstream at work on the next calls meanwhile, whose answers are all there when
 * the next turn begins. Worked on at once, half the calls of a caller who may have four under way would have
 * been sent just then: each turn would find two answers instead of four, and cost about the same.
 */
export function afterSending(act: () => void): void {
  waiting.push(act);
  if (atEnd === undefined || waiting.length < enough) {
    clearImmediate(atEnd);
    atEnd = setImmediate(actAll);
  }
}

function actAll(): void {
  const acts = waiting;
  waiting = [];
  atEnd = undefined;
  for (const act of acts) {
    act();
  }
}
