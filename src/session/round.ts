/** One look at a time for all who watch the same kind of thing as one caller, wherever they are. */

import { setTimeout as delay } from 'node:timers/promises';
import { asError, isPassing } from '../failure.ts';

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
  /** Nothing but JSON: it may go to other instances. */
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

/** What is heard from other instances. */
export interface SeatEvents {
  /** Another one has looked, for these names, so many milliseconds ago. */
  readonly onSeen: (
    seen: ReadonlyMap<string, Seen<unknown>>,
    names: readonly string[],
    ageMs: number,
  ) => void;
  /** Another one could not look, and has no more patience. */
  readonly onFailed: (reason: Error, names: readonly string[], ageMs: number) => void;
  /** It has become this one's turn to look, or another's. */
  readonly onTurn: () => void;
  /** Somebody waits elsewhere for a look of this one. */
  readonly onHurry: () => void;
}

/** A round's place among all instances that have the same one. */
export interface Seat {
  /** Whether it is this instance's turn to look. */
  readonly isLooker: boolean;
  /** What is watched in all of them, as far as is known. */
  readonly names: readonly string[];
  /** Says what is watched here. */
  watch(names: readonly string[]): void;
  /** Asks whoever looks to do so soon. */
  hurry(): void;
  /** Says what was seen here, or why nothing could be. */
  tell(seen: ReadonlyMap<string, Seen<unknown>> | Error, names: readonly string[]): void;
  leave(): void;
}

/** @param key - the same for the same round, in all instances */
export type TakeSeat = (key: string, events: SeatEvents) => Seat;

/** The seat where there is but one instance. */
export const takeOnlySeat: TakeSeat = () => ({
  isLooker: true,
  names: [],
  watch: () => undefined,
  hurry: () => undefined,
  tell: () => undefined,
  leave: () => undefined,
});

const growth = 1.5;
/** Longer than anybody watches. */
const foreverMs = 2 ** 31 - 1;
export interface Watcher {
  readonly name: string;
  readonly onLook: (seen: ReadonlyMap<string, Seen<unknown>> | Error) => void;
}

/** All who watch one kind of thing as one caller, in this instance. */
export class Round<S> {
  /** Each with when it came, as `performance.now` tells. */
  readonly #watchers = new Map<Watcher, number>();
  readonly #look: Look<S, unknown>;
  readonly #pace: WatchPace;
  readonly #fork: ReturnType<Onlooker<S>['fork']>;
  readonly #seat: Seat;
  #rest = new AbortController();
  #isRunning = false;
  #last: { readonly seen: ReadonlyMap<string, Seen<unknown>>; readonly atMs: number } | undefined;
  /** Whether somebody waits for a look who has had none. */
  #isAwaited = false;

  constructor(session: Onlooker<S>, key: string, look: Look<S, unknown>, takeSeat: TakeSeat) {
    this.#look = look;
    this.#pace = session.watchPace;
    this.#fork = session.fork();
    this.#seat = takeSeat(key, {
      onSeen: (seen, names, ageMs) => {
        const atMs = performance.now() - ageMs;
        this.#last = { seen, atMs };
        this.#tell(seen, names, atMs);
      },
      onFailed: (reason, names, ageMs) => this.#tell(reason, names, performance.now() - ageMs),
      onTurn: () => {
        this.#isAwaited = true;
        this.#wake();
      },
      onHurry: () => this.#await(),
    });
  }

  join(watcher: Watcher): void {
    this.#watchers.set(watcher, performance.now());
    this.#seat.watch(this.#names);
    const last = this.#last;
    const isFresh = last !== undefined && performance.now() - last.atMs < this.#pace.leastMs;
    if (isFresh && last.seen.has(watcher.name)) {
      watcher.onLook(last.seen);
    } else {
      this.#await();
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
      this.#seat.watch(this.#names);
      return false;
    }
    this.#wake();
    this.#seat.leave();
    this.#fork.leave();
    return true;
  }

  get #names(): readonly string[] {
    return [...new Set(Array.from(this.#watchers.keys(), ({ name }) => name))];
  }

  #await(): void {
    this.#isAwaited = true;
    if (!this.#seat.isLooker) {
      this.#seat.hurry();
    }
    this.#wake();
  }

  #wake(): void {
    this.#rest.abort();
    this.#rest = new AbortController();
  }

  /** Until the next look is due; no two looks are closer than the least, whoever comes. */
  async #untilDue(sinceMs: number, waitMs: number): Promise<void> {
    while (this.#watchers.size > 0 && this.#seat.isLooker) {
      const pauseMs = this.#isAwaited ? this.#pace.leastMs : waitMs;
      const leftMs = sinceMs + pauseMs - performance.now();
      if (leftMs <= 0) {
        return;
      }
      await this.#sleep(leftMs);
    }
  }

  #sleep(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.#rest.signal }).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { leastMs, mostMs, patienceMs } = this.#pace;
    let waitMs = leastMs;
    let before = '';
    let failingSinceMs: number | null = null;
    while (this.#watchers.size > 0) {
      if (!this.#seat.isLooker) {
        await this.#sleep(foreverMs);
        continue;
      }
      const names = [...new Set([...this.#names, ...this.#seat.names])];
      this.#isAwaited = false;
      const startedMs = performance.now();
      try {
        const seen = await this.#look(this.#fork.session, names);
        const now = names.map((name) => seen.get(name)?.fingerprint).join('\n');
        waitMs = now === before ? Math.min(mostMs, waitMs * growth) : leastMs;
        before = now;
        failingSinceMs = null;
        this.#last = { seen, atMs: startedMs };
        // The others first: nobody may be left here to tell them.
        this.#seat.tell(seen, names);
        this.#tell(seen, names);
      } catch (reason) {
        failingSinceMs ??= performance.now();
        if (!isPassing(reason) || performance.now() - failingSinceMs >= patienceMs) {
          const failure = asError(reason);
          this.#seat.tell(failure, names);
          this.#tell(failure, names);
        }
      }
      await this.#untilDue(startedMs, waitMs);
    }
    this.#isRunning = false;
  }

  /** @param atMs - when it was seen, where that is not now */
  #tell(
    seen: ReadonlyMap<string, Seen<unknown>> | Error,
    names: readonly string[],
    atMs = Number.POSITIVE_INFINITY,
  ): void {
    for (const [watcher, joinedMs] of [...this.#watchers]) {
      // Who has come during the look has not been looked for, and who has come after it waits for the next.
      const isTooOld = joinedMs > atMs + this.#pace.leastMs;
      if (names.includes(watcher.name) && !isTooOld) {
        watcher.onLook(seen);
      }
    }
  }
}
