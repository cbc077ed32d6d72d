/** How many calls an upstream takes from one payer within a window of time that slides. */

export interface Rate {
  /** Infinity for no limit. */
  readonly calls: number;
  readonly windowMs: number;
}

export interface Errand {
  /** Whether nobody looks at a screen for it: it lets others go first, and waits as long as it takes. */
  readonly isPatient: boolean;
  /** Fires when it is not wanted any more. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may have to wait, in milliseconds; as all others may where absent. */
  readonly patienceMs?: number | undefined;
}

/** What is said to those who do not get through. */
export interface Refusals {
  /** @param waitMs - until there would be a call left */
  readonly tooLong: (waitMs: number) => Error;
  readonly left: (reason: unknown) => Error;
}

/** What may be spent on errands that are patient: the rest is kept for people who wait. */
const patientShare = 2 / 3;
/** Payers who have not spent anything for a window are forgotten from this many on. */
const manyPayers = 1_000;

interface Spent {
  /** When it counts no more. */
  readonly untilMs: number;
  readonly isPatient: boolean;
}

interface Waiter {
  readonly isPatient: boolean;
  readonly sinceMs: number;
  readonly go: () => void;
}

/** One payer's. */
class Purse {
  readonly #rate: Rate;
  /** In the order of their end. */
  readonly #spent: Spent[] = [];
  readonly #underWay = { urgent: 0, patient: 0 };
  readonly #urgent: Waiter[] = [];
  readonly #patient: Waiter[] = [];
  #pausedUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  get isBusy(): boolean {
    this.#forgetOld();
    return this.#spent.length + this.#callsUnderWay + this.waiting > 0;
  }

  get isInUse(): boolean {
    return this.#callsUnderWay + this.waiting > 0;
  }

  /** Calls that could be made at once. */
  get left(): number {
    this.#forgetOld();
    const { calls } = this.#rate;
    return Math.max(0, calls - this.#spent.length - this.#callsUnderWay);
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
  enter({ isPatient, signal }: Errand, left: Refusals['left']): Promise<void> {
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

  /** The upstream has counted the call by now: it cannot count it later than this. */
  exit({ isPatient }: Errand): void {
    this.#underWay[isPatient ? 'patient' : 'urgent'] -= 1;
    if (this.#rate.calls !== Number.POSITIVE_INFINITY) {
      this.#spent.push({ untilMs: performance.now() + this.#rate.windowMs, isPatient });
    }
    this.#letIn();
  }

  get waiting(): number {
    return this.#urgent.length + this.#patient.length;
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
    while (this.left > 0 && performance.now() >= this.#pausedUntilMs) {
      const next = this.#next();
      if (next === undefined) {
        break;
      }
      next.go();
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const wakeMs = Math.max(this.#pausedUntilMs, this.#spent[0]?.untilMs ?? 0);
    if (this.waiting > 0 && wakeMs > 0) {
      this.#timer = setTimeout(() => this.#letIn(), Math.max(1, wakeMs - performance.now()));
    }
  }

  /** Who is patient comes after all others, but not for ever. */
  #next(): Waiter | undefined {
    const { calls, windowMs } = this.#rate;
    const [patient] = this.#patient;
    const isOld = patient !== undefined && performance.now() - patient.sinceMs >= windowMs;
    if (!isOld && this.#urgent.length > 0) {
      return this.#urgent.shift();
    }
    const spent = this.#spent.filter(({ isPatient }) => isPatient).length + this.#underWay.patient;
    const share = Math.max(1, Math.floor(calls * patientShare));
    return spent < share || isOld ? this.#patient.shift() : undefined;
  }
}

export class Budget {
  readonly #rate: Rate;
  readonly #patienceMs: number;
  readonly #refusals: Refusals;
  readonly #purses = new Map<string, Purse>();
  #sweepAt = manyPayers;

  /** @param patienceMs - how long an errand that is not patient may have to wait */
  constructor(rate: Rate, patienceMs: number, refusals: Refusals) {
    this.#rate = rate;
    this.#patienceMs = patienceMs;
    this.#refusals = refusals;
  }

  /** Payers with calls that wait or are under way. */
  get size(): number {
    return [...this.#purses.values()].filter(({ isInUse }) => isInUse).length;
  }

  /** Calls that wait for one to be left. */
  get waiting(): number {
    return [...this.#purses.values()].reduce((sum, purse) => sum + purse.waiting, 0);
  }

  /** Calls that the payer with the fewest left may make at once; undefined where there is no limit. */
  get leastLeft(): number | undefined {
    const { calls } = this.#rate;
    const left = [...this.#purses.values()].map((purse) => purse.left);
    return Number.isFinite(calls) ? Math.min(calls, ...left) : undefined;
  }

  /**
   * Makes a call as soon as the payer may.
   *
   * @returns what the call gave, and how many more could be made at once
   * @throws what `tooLong` gives, at once, for an errand that would have to wait for too long; what
   *   `left` gives when its signal fires while it waits; whatever the call throws
   */
  async run<T>(
    payer: string,
    errand: Errand,
    call: () => Promise<T>,
  ): Promise<{ readonly value: T; readonly left: number }> {
    const purse = this.#purseOf(payer);
    const patienceMs = Math.min(this.#patienceMs, errand.patienceMs ?? Number.POSITIVE_INFINITY);
    if (!errand.isPatient && purse.waitMs > patienceMs) {
      throw this.#refusals.tooLong(purse.waitMs);
    }
    await purse.enter(errand, this.#refusals.left);
    const { left } = purse;
    try {
      return { value: await call(), left };
    } finally {
      purse.exit(errand);
    }
  }

  /** Lets nobody through for so long: the upstream has said that it counts more calls than we do. */
  pause(payer: string, ms: number): void {
    this.#purseOf(payer).pause(ms);
  }

  #purseOf(payer: string): Purse {
    const known = this.#purses.get(payer);
    if (known !== undefined) {
      return known;
    }
    if (this.#purses.size >= this.#sweepAt) {
      for (const [name, purse] of this.#purses) {
        if (!purse.isBusy) {
          this.#purses.delete(name);
        }
      }
      this.#sweepAt = Math.max(manyPayers, this.#purses.size * 2);
    }
    const purse = new Purse(this.#rate);
    this.#purses.set(payer, purse);
    return purse;
  }
}
