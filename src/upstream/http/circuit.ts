/** Leaving an upstream alone that fails, until a call has found it well again. */

import { CircuitState, SamplingBreaker } from 'cockatiel';
import { type FailureKind, UpstreamFailure, type UpstreamName } from '../../failure.ts';
import { isTimeUp, type StopSignal } from './stop.ts';

/** How an upstream has answered lately. */
export interface Health {
  /** `closed` lets calls through, `open` none, `half-open` one that tries. */
  readonly state: 'closed' | 'open' | 'half-open';
  /** Since when, as ISO 8601. */
  readonly since: string;
  /** When the open circuit lets a call try again, as ISO 8601; null while it is not open. */
  readonly until: string | null;
  /** When an answer has come last, whatever it was; null before the first. */
  readonly answeredAt: string | null;
}

/** The circuit opens when so much of the calls of so long fail, of at least twenty. */
const failingShare = 0.5;
const windowMs = 10_000;
const leastCallsPerSecond = 2;

/** A call that ends with its operation's time says nothing before: it may have been sent too late. */
const leastCutMs = 5_000;

/** A call that was let through. */
export interface Passage {
  /** Whether it tries how the upstream is. */
  readonly isTry: boolean;
  /** As `Date.now()` tells it. */
  readonly sentMs: number;
}

const failingKinds: readonly FailureKind[] = ['unavailable', 'timed-out', 'outcome-unknown'];

/**
 * The way to an origin, which takes no calls while too many of them fail. After a rest one call tries it,
 * and the others are refused as before: they would wait for what is likely to fail.
 *
 * cockatiel's own circuit has them wait, whether or not their callers have left, and closes when the
 * caller of the one that tries does.
 */
export class Circuit {
  readonly #name: UpstreamName;
  readonly #restMs: number;
  readonly #sample = new SamplingBreaker({
    threshold: failingShare,
    duration: windowMs,
    minimumRps: leastCallsPerSecond,
  });
  #state: Health['state'] = 'closed';
  #sinceMs = Date.now();
  /** From when on a call may try, while it is not closed. */
  #nextTryMs = 0;
  #answeredAtMs: number | null = null;

  /** @param restMs - before each call that tries */
  constructor(name: UpstreamName, restMs: number) {
    this.#name = name;
    this.#restMs = restMs;
  }

  get health(): Health {
    return {
      state: this.#state,
      since: new Date(this.#sinceMs).toISOString(),
      until: this.#state === 'open' ? new Date(this.#nextTryMs).toISOString() : null,
      answeredAt: this.#answeredAtMs === null ? null : new Date(this.#answeredAtMs).toISOString(),
    };
  }

  /** @throws {UpstreamFailure} `unavailable` when a call would be refused now */
  check(): void {
    if (this.#state !== 'closed' && Date.now() < this.#nextTryMs) {
      throw new UpstreamFailure('the circuit is open', {
        kind: 'unavailable',
        upstream: this.#name,
        // A reading is not worth being tried again before the circuit is.
        retryAfterMs: this.#restMs,
      });
    }
  }

  /**
   * Lets a call through. What comes of it has to be told: that it was `answered`, or has `failed`.
   *
   * @throws as `check` does: it may not be sent then
   */
  enter(): Passage {
    this.check();
    const isTry = this.#state !== 'closed';
    const sentMs = Date.now();
    if (isTry) {
      this.#become('half-open');
      // One that hangs keeps the others from trying no longer than a rest.
      this.#nextTryMs = sentMs + this.#restMs;
    }
    return { isTry, sentMs };
  }

  /** @param status - any that HTTP has */
  answered({ isTry }: Passage, status: number): void {
    this.#answeredAtMs = Date.now();
    this.#judge(status < 500, isTry);
  }

  /** @param signal - the call's own: once it has fired, whatever the call has failed with is due to that */
  failed({ isTry, sentMs }: Passage, reason: unknown, signal: StopSignal | undefined): void {
    this.#judge(signal?.aborted ? verdictOnCut(signal, sentMs) : verdictOn(reason), isTry);
  }

  #judge(isWell: boolean | undefined, isTry: boolean): void {
    if (isTry && this.#state !== 'closed') {
      if (isWell) {
        // Forgets what was before.
        this.#sample.success(CircuitState.HalfOpen);
        this.#become('closed');
      } else if (isWell === false) {
        this.#open();
      } else if (this.#state === 'half-open') {
        this.#nextTryMs = 0;
      }
    } else if (isWell) {
      this.#sample.success(CircuitState.Closed);
    } else if (isWell === false) {
      const isTooMuch = this.#sample.failure(CircuitState.Closed);
      if (isTooMuch && this.#state === 'closed') {
        this.#open();
      }
    }
  }

  #open(): void {
    this.#nextTryMs = Date.now() + this.#restMs;
    this.#become('open');
  }

  #become(state: Health['state']): void {
    if (state !== this.#state) {
      this.#state = state;
      this.#sinceMs = Date.now();
    }
  }
}

/** Whether the upstream is well by a call that got no answer; undefined where that says nothing of it. */
function verdictOn(reason: unknown): boolean | undefined {
  return reason instanceof UpstreamFailure ? !failingKinds.includes(reason.kind) : undefined;
}

/** The same by one that nobody waits for any more: of those who leave by themselves nothing is learnt. */
function verdictOnCut({ reason }: StopSignal, sentMs: number): false | undefined {
  return isTimeUp(reason) && Date.now() - sentMs >= leastCutMs ? false : undefined;
}
