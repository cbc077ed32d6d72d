/** One payer's calls within a window of time that slides. */

import type { Entry, Errand, Ledger, Rate, Taken } from './ledger.ts';

/** What may be spent on errands that are patient: the rest is kept for people who wait. */
const patientShare = 2 / 3;
/** How often a payer who waits looks whether other instances can be asked again. */
const lonelyMs = 1_000;

interface Spent extends Entry {
  /** When it counts no more. */
  readonly untilMs: number;
  /** The ledger's epoch in which it was told. */
  readonly toldIn: number | undefined;
}

interface Waiter {
  readonly isPatient: boolean;
  readonly sinceMs: number;
  readonly go: () => void;
}

export class Purse {
  readonly #payer: string;
  readonly #rate: Rate;
  readonly #ledger: Ledger | undefined;
  /** In the order of their end. */
  readonly #spent: Spent[] = [];
  readonly #underWay = { urgent: 0, patient: 0 };
  readonly #urgent: Waiter[] = [];
  readonly #patient: Waiter[] = [];
  /** What others had spent when the ledger was asked last. */
  #others = { calls: 0, untilMs: 0 };
  #pausedUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(payer: string, rate: Rate, ledger: Ledger | undefined) {
    this.#payer = payer;
    this.#rate = rate;
    this.#ledger = ledger;
  }

  get isBusy(): boolean {
    this.#forgetOld();
    return this.#spent.length + this.#callsUnderWay + this.waiting > 0;
  }

  get isInUse(): boolean {
    return this.#callsUnderWay + this.waiting > 0;
  }

  get waiting(): number {
    return this.#urgent.length + this.#patient.length;
  }

  /** Calls that could be made at once. */
  get left(): number {
    this.#forgetOld();
    return Math.max(0, this.#calls - this.#spent.length - this.#callsUnderWay);
  }

  /** The same, as far as is known of what others have spent; none while it is paused. */
  get leftInAll(): number {
    const isPaused = performance.now() < this.#pausedUntilMs;
    return isPaused ? 0 : Math.max(0, this.left - (this.#isLonely ? 0 : this.#othersNow));
  }

  /** How long one who comes now would wait at most, in milliseconds. */
  get waitMs(): number {
    const nowMs = performance.now();
    const pauseMs = Math.max(0, this.#pausedUntilMs - nowMs);
    const before = this.#urgent.length - this.left;
    if (before < 0) {
      return pauseMs;
    }
    // What is under way counts for a window from its end, which is not known yet.
    const ends = this.#spent.map(({ untilMs }) => untilMs - nowMs);
    return Math.max(pauseMs, ends[before] ?? this.#rate.windowMs);
  }

  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, performance.now() + ms);
  }

  /** @throws what `left` gives when the signal fires first */
  enter({ isPatient, signal }: Errand, left: (reason: unknown) => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = isPatient ? this.#patient : this.#urgent;
      const onLeave = () => {
        queue.splice(queue.indexOf(waiter), 1);
        this.#letIn();
        reject(left(signal?.reason));
      };
      const waiter: Waiter = {
        isPatient,
        sinceMs: performance.now(),
        go: () => {
          signal?.removeEventListener('abort', onLeave);
          this.#underWay[isPatient ? 'patient' : 'urgent'] += 1;
          resolve();
        },
      };
      if (signal?.aborted) {
        reject(left(signal.reason));
        return;
      }
      signal?.addEventListener('abort', onLeave, { once: true });
      queue.push(waiter);
      this.#letIn();
    });
  }

  /**
   * Asks the other instances for one who has entered.
   *
   * @returns undefined when they cannot be asked: this one then has its share
   */
  async ask(entry: Entry): Promise<Taken | undefined> {
    const ledger = this.#ledger;
    if (ledger === undefined) {
      return undefined;
    }
    const { epoch } = ledger;
    this.#forgetOld();
    const nowMs = performance.now();
    const unknown = this.#spent.filter(({ toldIn }) => epoch === undefined || toldIn !== epoch);
    const taken = await ledger.take(
      this.#payer,
      entry,
      { ...this.#rate, patientCalls: shareOf(this.#rate.calls) },
      unknown.map(({ id, untilMs }) => ({ id, leftMs: untilMs - nowMs })),
    );
    if (taken === undefined) {
      return undefined;
    }
    for (const spent of unknown) {
      const at = this.#spent.indexOf(spent);
      if (at >= 0) {
        this.#spent[at] = { ...spent, toldIn: epoch };
      }
    }
    const inAll = taken.isTaken ? this.#rate.calls - taken.left : this.#rate.calls;
    const own = this.#spent.length + this.#callsUnderWay;
    this.#others = {
      calls: Math.max(0, inAll - own),
      untilMs: performance.now() + this.#rate.windowMs,
    };
    return taken;
  }

  /** Tells the ledger of what it may have forgotten while it was away. */
  retell(): void {
    const epoch = this.#ledger?.epoch;
    this.#forgetOld();
    const unknown = this.#spent.filter(({ toldIn }) => toldIn !== epoch);
    if (unknown.length > 0) {
      const nowMs = performance.now();
      this.#ledger?.restore(
        this.#payer,
        unknown.map(({ id, untilMs }) => ({ id, leftMs: untilMs - nowMs })),
        this.#rate.windowMs,
      );
    }
  }

  /**
   * One who has entered goes without having called.
   *
   * @param toldIn - as for `exit`
   */
  withdraw(entry: Entry, toldIn: number | undefined): void {
    this.#underWay[entry.isPatient ? 'patient' : 'urgent'] -= 1;
    if (toldIn !== undefined) {
      this.#ledger?.settle(this.#payer, entry, 0);
    }
    this.#letIn();
  }

  /**
   * The upstream has counted the call by now: it cannot count it later than this.
   *
   * @param toldIn - the ledger's epoch in which the call was taken; undefined when it was not
   */
  exit(entry: Entry, toldIn: number | undefined): void {
    this.#underWay[entry.isPatient ? 'patient' : 'urgent'] -= 1;
    const { calls, windowMs } = this.#rate;
    if (Number.isFinite(calls)) {
      this.#spent.push({ ...entry, toldIn, untilMs: performance.now() + windowMs });
      if (toldIn !== undefined) {
        this.#ledger?.settle(this.#payer, entry, windowMs);
      }
    }
    this.#letIn();
  }

  /** What may be made within a window: while others cannot be asked, a share of what they have left. */
  get #calls(): number {
    const { calls } = this.#rate;
    if (!this.#isLonely) {
      return calls;
    }
    return Math.max(1, Math.floor((calls - this.#othersNow) / (this.#ledger?.share ?? 1)));
  }

  get #othersNow(): number {
    return performance.now() < this.#others.untilMs ? this.#others.calls : 0;
  }

  get #isLonely(): boolean {
    return (
      this.#ledger !== undefined &&
      this.#ledger.epoch === undefined &&
      Number.isFinite(this.#rate.calls)
    );
  }

  get #callsUnderWay(): number {
    return this.#underWay.urgent + this.#underWay.patient;
  }

  #forgetOld(): void {
    const nowMs = performance.now();
    const kept = this.#spent.findIndex(({ untilMs }) => untilMs > nowMs);
    this.#spent.splice(0, kept < 0 ? this.#spent.length : kept);
  }

  #letIn(): void {
    // Before the look: what ends after it is waited for, and not taken for over.
    const nowMs = performance.now();
    while (this.left > 0 && performance.now() >= this.#pausedUntilMs) {
      const next = this.#next();
      if (next === undefined) {
        break;
      }
      next.go();
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // What is under way wakes the others by its end.
    const dueMs = Math.max(this.#pausedUntilMs, this.#spent[0]?.untilMs ?? 0);
    const waitMs = Math.min(
      dueMs > nowMs ? dueMs - nowMs : Number.POSITIVE_INFINITY,
      this.#isLonely ? lonelyMs : Number.POSITIVE_INFINITY,
    );
    if (this.waiting > 0 && Number.isFinite(waitMs)) {
      this.#timer = setTimeout(() => this.#letIn(), Math.max(1, waitMs));
    }
  }

  /** Who is patient comes after all others, but not for ever. */
  #next(): Waiter | undefined {
    const [patient] = this.#patient;
    const isOld =
      patient !== undefined && performance.now() - patient.sinceMs >= this.#rate.windowMs;
    if (!isOld && this.#urgent.length > 0) {
      return this.#urgent.shift();
    }
    const spent = this.#spent.filter(({ isPatient }) => isPatient).length + this.#underWay.patient;
    return spent < shareOf(this.#calls) || isOld ? this.#patient.shift() : undefined;
  }
}

function shareOf(calls: number): number {
  return Math.max(1, Math.floor(calls * patientShare));
}
