/** Calls that are counted, in the words of those who count them: alone, or with other instances. */

import type { StopSignal } from './stop.ts';

export interface Rate {
  /** Infinity for no limit. */
  readonly calls: number;
  readonly windowMs: number;
}

export interface Errand {
  /** Whether nobody looks at a screen for it: it lets others go first, and waits as long as it takes. */
  readonly isPatient: boolean;
  /** Fires when it is not wanted any more. */
  readonly signal?: StopSignal | undefined;
  /** How long it can wait, in milliseconds; as all others can where absent. */
  readonly leftMs?: (() => number) | undefined;
}

/** A call as it is counted. */
export interface Entry {
  /** Begins with `p` for a patient errand. */
  readonly id: string;
  readonly isPatient: boolean;
}

/** What all instances together have said to a call. */
export type Taken =
  | { readonly isTaken: true; readonly left: number }
  | {
      readonly isTaken: false;
      /** Until one may be left, in milliseconds. */
      readonly waitMs: number;
      /** Whether there is none for anybody; else there is none for patient errands. */
      readonly isForAll: boolean;
    };

/** What all instances together have spent. */
export interface Ledger {
  /** Another number after each time that it was away, when it may have forgotten; undefined while it is. */
  readonly epoch: number | undefined;
  /** Among how many the rate is divided while each is on its own. */
  readonly share: number;
  /**
   * Takes a call out of what is left.
   *
   * @param rate - `patientCalls`: how many of them may be for patient errands
   * @param unknown - calls of this instance that it may not know of, and how long they count
   * @returns undefined while it is away
   */
  take(
    payer: string,
    entry: Entry,
    rate: Rate & { readonly patientCalls: number },
    unknown: readonly { readonly id: string; readonly leftMs: number }[],
  ): Promise<Taken | undefined>;
  /** Calls back each time that it is there again. */
  onUp(listener: () => void): void;
  /** Tells of calls that it may have forgotten, and how long they count. */
  restore(
    payer: string,
    spent: readonly { readonly id: string; readonly leftMs: number }[],
    windowMs: number,
  ): void;
  /** The call has ended: from now on it counts for a window; not at all, with 0, as it was not made. */
  settle(payer: string, entry: Entry, windowMs: number): void;
  /** The upstream has said that there is none left for so long. */
  pause(payer: string, ms: number): void;
}

/** The ledger of one among so many that cannot ask each other: each has its share. */
export function aloneAmong(share: number): Ledger {
  return {
    epoch: undefined,
    share,
    take: async () => undefined,
    onUp: () => undefined,
    restore: () => undefined,
    settle: () => undefined,
    pause: () => undefined,
  };
}
