/** Watching what changes by itself: one look for all who watch the same kind of thing as one caller. */

import { setTimeout as delay } from 'node:timers/promises';
import { isPassing } from '../failure.ts';
import {
  type Look,
  type Onlooker,
  Round,
  type Seen,
  type TakeSeat,
  takeOnlySeat,
  type Watcher,
  type WatchPace,
} from './round.ts';

/** What a watcher is told: a thing, that it is gone, or why nobody can tell. */
export type Told<V> =
  | { readonly kind: 'seen'; readonly value: V }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly reason: Error };

/**
 * Tries again, while that may help and the patience lasts.
 *
 * @throws what the last try has thrown
 */
export async function patiently<V>(
  { leastMs, patienceMs }: WatchPace,
  signal: AbortSignal,
  act: () => Promise<V>,
): Promise<V> {
  const startedMs = performance.now();
  for (;;) {
    try {
      return await act();
    } catch (reason) {
      const isOver = performance.now() - startedMs >= patienceMs || signal.aborted;
      if (isOver || !isPassing(reason)) {
        throw reason;
      }
    }
    await delay(leastMs, undefined, { signal }).catch(() => undefined);
  }
}

/** The rounds of a whole gateway. */
export class Rounds<S extends Onlooker<S>> {
  readonly #rounds = new Map<string, Round<S>>();
  /** How each watcher is told that there is nothing more to come from here. */
  readonly #endings = new Set<() => void>();
  readonly #takeSeat: TakeSeat;
  #isClosed = false;

  /** @param takeSeat - for rounds that other instances have, too */
  constructor(takeSeat: TakeSeat = takeOnlySeat) {
    this.#takeSeat = takeSeat;
  }

  /** Rounds that somebody watches in. */
  get size(): number {
    return this.#rounds.size;
  }

  /** Ends everything that is watched, as if it had ended by itself. */
  close(): void {
    this.#isClosed = true;
    for (const end of [...this.#endings]) {
      end();
    }
  }

  /**
   * A thing as it is now, then at each change, until it has ended, is gone, or cannot be seen.
   *
   * @param kind - what is looked at together, e.g. the machines of a datacenter
   * @param name - the thing's among these
   */
  async *watch<V>(
    session: S,
    kind: string,
    name: string,
    look: Look<S, V>,
  ): AsyncGenerator<Told<V>, void, undefined> {
    const key = `${session.caller} ${kind}`;
    const round = this.#rounds.get(key) ?? new Round<S>(session, key, look, this.#takeSeat);
    this.#rounds.set(key, round);
    const told: Told<V>[] = [];
    let isOver = false;
    let last: string | undefined;
    let wake = () => {};
    const push = (one: Told<V>, isLast: boolean) => {
      told.push(one);
      isOver ||= isLast;
      wake();
    };
    const watcher: Watcher = {
      name,
      onLook: (seen) => {
        if (isOver) {
          return;
        }
        if (seen instanceof Error) {
          push({ kind: 'failed', reason: seen }, true);
          return;
        }
        const found = seen.get(name) as Seen<V> | undefined;
        if (found === undefined) {
          push({ kind: 'gone' }, true);
        } else if (found.fingerprint !== last) {
          last = found.fingerprint;
          push({ kind: 'seen', value: found.value }, found.isEnded);
        }
      },
    };
    const onLeave = () => {
      isOver = true;
      wake();
    };
    session.signal.addEventListener('abort', onLeave, { once: true });
    this.#endings.add(onLeave);
    round.join(watcher);
    try {
      for (;;) {
        const next = told.shift();
        if (next !== undefined) {
          yield next;
        } else if (isOver || this.#isClosed || session.signal.aborted) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      session.signal.removeEventListener('abort', onLeave);
      this.#endings.delete(onLeave);
      if (round.leave(watcher) && this.#rounds.get(key) === round) {
        this.#rounds.delete(key);
      }
    }
  }
}
