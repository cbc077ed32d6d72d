/** What keeps a failing upstream from taking its callers down, and its callers from keeping it down. */

import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  handleWhen,
  SamplingBreaker,
} from 'cockatiel';
import { type FailureKind, UpstreamFailure, type UpstreamName } from '../../failure.ts';
import { pause } from './pause.ts';
import { retryAfterMs } from './retry-after.ts';
import { type HttpAnswer, type HttpRequest, isWrite } from './send.ts';

export interface ResilienceOptions {
  /** More tries of a reading that failed in passing. */
  readonly retries: number;
  /** From the opening of the circuit to the first call that tries it again. */
  readonly restMs: number;
  /** Whether nobody else does so who knows more about the calls that are left. */
  readonly waitsForQuota: boolean;
}

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

/** Retries are to be at most a tenth of the calls; a few are there before any call was made. */
const retriesPerCall = 0.1;
const firstRetries = 3;
const mostRetries = 10;

const firstPauseMs = 100;
const mostPauseMs = 2_000;

const failingKinds: readonly FailureKind[] = ['unavailable', 'timed-out', 'outcome-unknown'];
const passingKinds: readonly FailureKind[] = ['unavailable', 'timed-out'];
const passingStatuses = [502, 503, 504];
const tooManyRequests = 429;

function isFailing(reason: unknown): boolean {
  return reason instanceof UpstreamFailure && failingKinds.includes(reason.kind);
}

interface Outcome {
  readonly answer: HttpAnswer | undefined;
  readonly reason: unknown;
}

/** Sends calls through one upstream's circuit, and readings again that failed in passing. */
export class Resilience {
  readonly #name: UpstreamName;
  readonly #options: ResilienceOptions;
  readonly #breaker: ReturnType<typeof circuitBreaker>;
  #retriesLeft = firstRetries;
  #since = Date.now();
  #answeredAtMs: number | null = null;

  constructor(name: UpstreamName, options: ResilienceOptions) {
    this.#name = name;
    this.#options = options;
    const policy = handleWhen(isFailing).orWhenResult(
      (result) => (result as HttpAnswer).status >= 500,
    );
    this.#breaker = circuitBreaker(policy, {
      halfOpenAfter: options.restMs,
      breaker: new SamplingBreaker({
        threshold: failingShare,
        duration: windowMs,
        minimumRps: leastCallsPerSecond,
      }),
    });
    this.#breaker.onStateChange(() => {
      this.#since = Date.now();
    });
  }

  get health(): Health {
    const { state } = this.#breaker;
    const isOpen = state === CircuitState.Open;
    const times = {
      since: new Date(this.#since).toISOString(),
      until: isOpen ? new Date(this.#since + this.#options.restMs).toISOString() : null,
      answeredAt: this.#answeredAtMs === null ? null : new Date(this.#answeredAtMs).toISOString(),
    };
    if (state === CircuitState.Closed) {
      return { state: 'closed', ...times };
    }
    return { state: state === CircuitState.HalfOpen ? 'half-open' : 'open', ...times };
  }

  /**
   * @param send - makes the call, each time it is asked to
   * @param leftMs - how long the caller has
   * @throws {UpstreamFailure} `unavailable` at once while the circuit is open; whatever `send` throws
   */
  async run(
    { method, signal }: Pick<HttpRequest, 'method' | 'signal'>,
    leftMs: () => number,
    send: () => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    this.#retriesLeft = Math.min(mostRetries, this.#retriesLeft + retriesPerCall);
    const tries = isWrite(method) ? 0 : this.#options.retries;
    for (let tried = 0; ; tried += 1) {
      let answer: HttpAnswer | undefined;
      let reason: unknown;
      try {
        answer = (await this.#breaker.execute(send)) as HttpAnswer;
        this.#answeredAtMs = Date.now();
      } catch (cause) {
        reason = cause instanceof BrokenCircuitError ? this.#open() : cause;
      }
      const pauseMs = tried < tries ? this.#pauseAfter({ answer, reason }, tried) : undefined;
      const isWorthIt = pauseMs !== undefined && pauseMs < leftMs() && this.#retriesLeft >= 1;
      if (!isWorthIt || signal?.aborted) {
        if (answer === undefined) {
          throw reason;
        }
        return answer;
      }
      this.#retriesLeft -= 1;
      await pause(pauseMs, signal);
    }
  }

  #open(): UpstreamFailure {
    return new UpstreamFailure('the circuit is open', {
      kind: 'unavailable',
      upstream: this.#name,
      // A reading is not worth being tried again before the circuit is.
      retryAfterMs: this.#options.restMs,
    });
  }

  /** Milliseconds before another try; undefined when none will help. */
  #pauseAfter({ answer, reason }: Outcome, tried: number): number | undefined {
    const jitterMs = Math.random() * Math.min(mostPauseMs, firstPauseMs * 2 ** tried);
    if (answer === undefined) {
      const isPassing = reason instanceof UpstreamFailure && passingKinds.includes(reason.kind);
      // An open circuit says so itself.
      return isPassing && reason.retryAfterMs === undefined ? jitterMs : undefined;
    }
    const header = answer.headers['retry-after'];
    const askedMs = typeof header === 'string' ? retryAfterMs(header, Date.now()) : undefined;
    if (passingStatuses.includes(answer.status)) {
      return (askedMs ?? 0) + jitterMs;
    }
    const isQuota = answer.status === tooManyRequests && this.#options.waitsForQuota;
    return isQuota && askedMs !== undefined ? askedMs + jitterMs : undefined;
  }
}
