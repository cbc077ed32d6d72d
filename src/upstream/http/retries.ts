/** Sending readings again that failed in passing, without keeping a failing upstream down by it. */

import { type FailureKind, UpstreamFailure } from '../../failure.ts';
import type { HttpAnswer } from './answer.ts';
import { retryAfterMs } from './retry-after.ts';
import { type HttpRequest, isWrite } from './send.ts';

interface RetryOptions {
  /** More tries of a reading that failed in passing. */
  readonly retries: number;
  /** Whether nobody else does so who knows more about the calls that are left. */
  readonly waitsForQuota: boolean;
}

/** Retries are to be at most a tenth of the calls; a few are there before any call was made. */
const retriesPerCall = 0.1;
const firstRetries = 3;
const mostRetries = 10;

const firstPauseMs = 100;
const mostPauseMs = 2_000;
/** Who has all the time there is, as looks for subscriptions have, waits no longer for one try. */
const mostWaitMs = 30_000;

const passingKinds: readonly FailureKind[] = ['unavailable', 'timed-out'];
const passingStatuses = [502, 503, 504];
const tooManyRequests = 429;

/** What has come of a call. */
interface Outcome {
  /** Undefined when there is none, for the reason that is given then. */
  readonly answer: HttpAnswer | undefined;
  readonly reason: unknown;
  /** How long those have who wait for it, in milliseconds; any time where absent. */
  readonly leftMs: (() => number) | undefined;
}

export class Retries {
  readonly #options: RetryOptions;
  #retriesLeft = firstRetries;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** A call is about to be made. */
  onCall(): void {
    this.#retriesLeft = Math.min(mostRetries, this.#retriesLeft + retriesPerCall);
  }

  /**
   * Spends a retry where one is worth it.
   *
   * @param tried - how often it had been sent before
   * @returns milliseconds before it is to be sent again; undefined for never
   */
  next(
    { method, signal }: Pick<HttpRequest, 'method' | 'signal'>,
    outcome: Outcome,
    tried: number,
  ): number | undefined {
    if (outcome.answer !== undefined && outcome.answer.status < 400) {
      return undefined;
    }
    const tries = isWrite(method) ? 0 : this.#options.retries;
    const pauseMs = tried < tries ? this.#pauseAfter(outcome, tried) : undefined;
    const isInTime = pauseMs !== undefined && pauseMs < patienceOf(outcome.leftMs?.());
    if (!isInTime || this.#retriesLeft < 1 || signal?.aborted) {
      return undefined;
    }
    this.#retriesLeft -= 1;
    return pauseMs;
  }

  /** Milliseconds before another try; undefined when none will help. */
  #pauseAfter({ answer, reason }: Outcome, tried: number): number | undefined {
    const jitterMs = Math.random() * Math.min(mostPauseMs, firstPauseMs * 2 ** tried);
    if (answer === undefined) {
      const isPassing = reason instanceof UpstreamFailure && passingKinds.includes(reason.kind);
      // An open circuit says so itself.
      return isPassing && reason.retryAfterMs === undefined ? jitterMs : undefined;
    }
    const askedMs = retryAfterMs(answer.headers['retry-after'], Date.now());
    if (passingStatuses.includes(answer.status)) {
      return (askedMs ?? 0) + jitterMs;
    }
    const isQuota = answer.status === tooManyRequests && this.#options.waitsForQuota;
    return isQuota && askedMs !== undefined ? askedMs + jitterMs : undefined;
  }
}

/** How long a try may be waited for. */
function patienceOf(leftMs = Number.POSITIVE_INFINITY): number {
  return Number.isFinite(leftMs) ? leftMs : mostWaitMs;
}
