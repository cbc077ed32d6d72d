/** What is put off to the end of a turn of the event loop. */

/** So many are put off no further by those that come after them. */
const enough = 64;

let waiting: (() => void)[] = [];
let atEnd: NodeJS.Immediate | undefined;

/**
 * Runs `act` at the end of this turn, after the calls that were asked for in it have been sent, in the order of
 * asking. It may not throw: others come after it.
 *
 * undici sends at the end of a turn whatever goes over a connection that was used before. Who works on an answer
 * after that has its upstream at work on the next ones meanwhile: they are all there when the next turn
 * begins. Worked on before, of four calls that may be under way two have just been sent then, and each turn does
 * half of what it could.
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
