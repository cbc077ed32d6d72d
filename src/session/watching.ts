/** Watching what changes by itself: one look for all who watch the same kind of thing as one caller. */

import { setTimeout as delay } from 'node:timers/promises';
import { UpstreamFailure } from '../failure.ts';

/** All in milliseconds. */
export interface WatchPace {
  /** Between looks while things change. */
  readonly leastMs: number;
  /** Between looks while nothing does. */
  readonly mostMs: number;
  /** How long looks may fail before watchers are told. */
  readonly patienceMs: number;
}

/** On whose behalf it is watched. */
export interface Onlooker<S> {
  /** Tells callers apart, by everything that can make their answers differ. */
  readonly caller: string;
  /** Fires when the watcher has gone. */
  readonly signal: AbortSignal;
  readonly watchPace: WatchPace;
  /** The same caller for as long as anybody watches. */
  readonly fork: () => { readonly session: S; readonly leave: () => void };
}

/** A thing as it was seen. */
export interface Seen<V> {
  /** Changes when the thing does. */
  readonly fingerprint: string;
  /** Whether nothing more will come of it. */
  readonly isEnded: boolean;
  readonly value: V;
}

/**
 * Looks at several things at once.
 *
 * @param names - of the things that somebody watches
 * @returns by name; things that are missing are gone
 * @throws {UpstreamFailure}
 */
export type Look<S, V> = (session: S, names: readonly string[]) => Promise<Map<string, Seen<V>>>;

/** What a watcher is told: a thing, that it is gone, or why nobody can tell. */
export type Told<V> =
  | { readonly kind: 'seen'; readonly value: V }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly reason: Error };

const growth = 1.5;
/** Kinds of failures that may be over by the next look. */
const passing = new Set(['unavailable', 'timed-out', 'malformed', 'rate-limited', 'cancelled']);

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

function isPassing(reason: unknown): boolean {
  return reason instanceof UpstreamFailure && passing.has(reason.kind);
}

interface Watcher {
  readonly name: string;
  readonly onLook: (seen: ReadonlyMap<string, Seen<unknown>> | Error) => void;
}

/** All who watch one kind of thing as one caller. */
class Round<S> {
  readonly #watchers = new Set<Watcher>();
  readonly #look: Look<S, unknown>;
  readonly #pace: WatchPace;
  readonly #fork: ReturnType<Onlooker<S>['fork']>;
  #rest = new AbortController();
  #isRunning = false;
  #last: { readonly seen: ReadonlyMap<string, Seen<unknown>>; readonly atMs: number } | undefined;
  /** Whether somebody waits for a look who has had none. */
  #isAwaited = false;

  constructor(session: Onlooker<S>, look: Look<S, unknown>) {
    this.#look = look;
    this.#pace = session.watchPace;
    this.#fork = session.fork();
  }

  join(watcher: Watcher): void {
    this.#watchers.add(watcher);
    const last = this.#last;
    const isFresh = last !== undefined && performance.now() - last.atMs < this.#pace.leastMs;
    if (isFresh && last.seen.has(watcher.name)) {
      watcher.onLook(last.seen);
    } else {
      this.#isAwaited = true;
      this.#wake();
    }
    if (!this.#isRunning) {
      this.#isRunning = true;
      void this.#run();
    }
  }

  /** @returns whether nobody is left */
  leave(watcher: Watcher): boolean {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) {
      return false;
    }
    this.#wake();
    this.#fork.leave();
    return true;
  }

  #wake(): void {
    this.#rest.abort();
    this.#rest = new AbortController();
  }

  /** Until the next look is due; no two looks are closer than the least, whoever comes. */
  async #untilDue(sinceMs: number, waitMs: number): Promise<void> {
    while (this.#watchers.size > 0) {
      const pauseMs = this.#isAwaited ? this.#pace.leastMs : waitMs;
      const leftMs = sinceMs + pauseMs - performance.now();
      if (leftMs <= 0) {
        return;
      }
      const { signal } = this.#rest;
      await delay(leftMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #run(): Promise<void> {
    const { leastMs, mostMs, patienceMs } = this.#pace;
    let waitMs = leastMs;
    let before = '';
    let failingSinceMs: number | null = null;
    while (this.#watchers.size > 0) {
      const names = [...new Set(Array.from(this.#watchers, ({ name }) => name))];
      this.#isAwaited = false;
      const startedMs = performance.now();
      try {
        const seen = await this.#look(this.#fork.session, names);
        const now = names.map((name) => seen.get(name)?.fingerprint).join('\n');
        waitMs = now === before ? Math.min(mostMs, waitMs * growth) : leastMs;
        before = now;
        failingSinceMs = null;
        this.#last = { seen, atMs: startedMs };
        this.#tell(seen, names);
      } catch (reason) {
        failingSinceMs ??= performance.now();
        if (!isPassing(reason) || performance.now() - failingSinceMs >= patienceMs) {
          this.#tell(reason instanceof Error ? reason : new Error(String(reason)), names);
        }
      }
      await this.#untilDue(startedMs, waitMs);
    }
    this.#isRunning = false;
  }

  #tell(seen: ReadonlyMap<string, Seen<unknown>> | Error, names: readonly string[]): void {
    for (const watcher of [...this.#watchers]) {
      // Who has come during the look has not been looked for.
      if (names.includes(watcher.name)) {
        watcher.onLook(seen);
      }
    }
  }
}

/** The rounds of a whole gateway. */
export class Rounds<S extends Onlooker<S>> {
  readonly #rounds = new Map<string, Round<S>>();
  /** How each watcher is told that there is nothing more to come from here. */
  readonly #endings = new Set<() => void>();
  #isClosed = false;

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
    const round = this.#rounds.get(key) ?? new Round<S>(session, look);
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
