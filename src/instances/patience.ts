/** Time-outs that do not blame others for this process being late itself. */

/** A time-out is so many turns of the event loop, each of which sees what has arrived. */
const turns = 4;

interface Waiting {
  turnsLeft: number;
  readonly giveUp: () => void;
}

export class Patience {
  readonly #ms: number;
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** What the promise gives. @throws an Error when that takes too long */
  within<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        // The first turn may come at once.
        turnsLeft: turns + 1,
        giveUp: () => reject(new Error(`no answer within ${this.#ms} ms`)),
      };
      this.#waiting.add(waiting);
      this.#timer ??= setInterval(() => this.#turn(), this.#ms / turns);
      promise.then(resolve, reject).finally(() => this.#end(waiting));
    });
  }

  #turn(): void {
    for (const waiting of this.#waiting) {
      waiting.turnsLeft -= 1;
      if (waiting.turnsLeft === 0) {
        waiting.giveUp();
        this.#end(waiting);
      }
    }
  }

  #end(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
