/** A call's way to an upstream: what it waits for, and how often it is sent. */

import { UpstreamFailure, type UpstreamName } from '../../failure.ts';
import { inSpan, isTracing, traceHeaders } from '../../tracing.ts';
import type { HttpAnswer } from './answer.ts';
import type { Asker } from './asker.ts';
import type { Budget, Place } from './budget.ts';
import { Circuit, type Health, type Passage } from './circuit.ts';
import { Lanes } from './lanes.ts';
import { pause } from './pause.ts';
import { Retries } from './retries.ts';
import type { HttpOrigin, HttpRequest } from './send.ts';
import type { Waiter } from './sharing.ts';
import { isTimeUp } from './stop.ts';

/** How it is with an upstream now. */
export interface UpstreamVitals {
  readonly circuit: Health['state'];
  /** Calls waiting for their turn, and under way. */
  readonly calls: number;
  readonly waiting: number;
  /** Calls that the credential with the fewest left may make; undefined where they are not counted. */
  readonly leastLeft: number | undefined;
}

/** How calls may be sent. */
export interface WayOptions {
  /** For each caller. */
  readonly callsAtATime: number;
  /** Under way and waiting, of all callers. */
  readonly callsInAll: number;
  /** A path without its query, as `ObservedCall.route`. */
  readonly routeOf: (path: string) => string;
  /** Absent where calls are not counted. */
  readonly budget?: Budget | undefined;
  readonly resilience: {
    /** More tries of a reading that failed in passing. */
    readonly retries: number;
    /** How long it is left alone while it fails. */
    readonly restMs: number;
  };
}

/** What has become of a call so far, for all who wait for it. */
export interface Course {
  /** How long those can wait, in milliseconds; any time where absent. */
  readonly leftMs: Waiter['leftMs'];
  /** Undefined when there is none at the end, for the reason that is given then. */
  answer: HttpAnswer | undefined;
  reason: unknown;
  /** Calls that were left when it was last sent; Infinity where they are not counted. */
  left: number;
  /** How often it was sent. */
  tries: number;
}

/** How much of the calls in all may be one caller's that wait: the others are for others. */
const waitingShare = 0.5;
/** When one whose calls were too many may ask again. */
const fullLaneMs = 1_000;

export class Way {
  readonly #name: UpstreamName;
  readonly #origin: Pick<HttpOrigin, 'send' | 'host'>;
  readonly #lanes: Lanes;
  readonly #budget: Budget | undefined;
  readonly #circuit: Circuit;
  readonly #retries: Retries;
  readonly #callsInAll: number;
  readonly #routeOf: WayOptions['routeOf'];
  #calls = 0;

  constructor(name: UpstreamName, origin: HttpOrigin, options: WayOptions) {
    const { callsAtATime, callsInAll, routeOf, budget, resilience } = options;
    this.#name = name;
    this.#origin = origin;
    this.#lanes = new Lanes(callsAtATime, Math.ceil(callsInAll * waitingShare), {
      full: () =>
        new UpstreamFailure('too many calls of one caller wait', {
          kind: 'rate-limited',
          upstream: name,
          retryAfterMs: fullLaneMs,
        }),
      left: (reason) => leftFailure(name, reason),
    });
    this.#budget = budget;
    this.#circuit = new Circuit(name, resilience.restMs);
    this.#retries = new Retries({
      retries: resilience.retries,
      waitsForQuota: budget === undefined,
    });
    this.#callsInAll = callsInAll;
    this.#routeOf = routeOf;
  }

  get health(): Health {
    return this.#circuit.health;
  }

  get vitals(): UpstreamVitals {
    return {
      circuit: this.#circuit.health.state,
      calls: this.#calls,
      waiting: this.#lanes.waiting + (this.#budget?.waiting ?? 0),
      leastLeft: this.#budget?.leastLeft,
    };
  }

  /** Things that live only as long as a call: nothing of them may be left when none is under way. */
  get underWay(): number {
    return this.#lanes.size + (this.#budget?.size ?? 0);
  }

  /** Sends nothing for this payer for so long: it has spent more than is known here. */
  pause(payer: string, ms: number): void {
    this.#budget?.pause(payer, ms);
  }

  /**
   * @param course - is told what becomes of it
   * @returns the same at its end; never rejected
   */
  async send(request: HttpRequest, asker: Asker, course: Course): Promise<Course> {
    if (this.#calls >= this.#callsInAll) {
      course.reason = new UpstreamFailure('too many calls wait', {
        kind: 'unavailable',
        upstream: this.#name,
      });
      return course;
    }
    this.#calls += 1;
    this.#retries.onCall();
    for (let tried = 0; ; tried += 1) {
      try {
        course.answer = await (isTracing()
          ? this.#sendInSpan(request, asker, course)
          : this.#sendOnce(request, asker, course));
      } catch (reason) {
        course.answer = undefined;
        course.reason = reason;
      }
      const pauseMs = this.#retries.next(request, course, tried);
      if (pauseMs === undefined) {
        this.#calls -= 1;
        return course;
      }
      await pause(pauseMs, request.signal);
    }
  }

  #sendInSpan(request: HttpRequest, asker: Asker, course: Course): Promise<HttpAnswer> {
    const { method, path } = request;
    const route = this.#routeOf(path.split('?', 1)[0] ?? path);
    const attributes = {
      'http.request.method': method,
      // The path and the query hold what users have typed.
      'url.template': route,
      'server.address': this.#origin.host,
      'peer.service': this.#name,
      ...(course.tries > 0 ? { 'http.request.resend_count': course.tries } : {}),
    };
    return inSpan(`${method} ${route}`, { kind: 'client', attributes }, async (span) => {
      const headers = { ...request.headers, ...traceHeaders() };
      const answer = await this.#sendOnce({ ...request, headers }, asker, course);
      span?.setAttribute('http.response.status_code', answer.status);
      span?.setAttribute('http.response.body.size', answer.body.length);
      return answer;
    });
  }

  async #sendOnce(request: HttpRequest, asker: Asker, course: Course): Promise<HttpAnswer> {
    // Who will be refused waits for nothing, and spends nothing.
    this.#circuit.check();
    const { fingerprint } = asker;
    const place = this.#budget && (await this.#enterBudget(this.#budget, request, asker, course));
    let passage: Passage | undefined;
    try {
      const entering = this.#lanes.enter(fingerprint, request.signal);
      if (entering !== undefined) {
        await entering;
      }
      try {
        passage = this.#circuit.enter();
        course.tries += 1;
        course.left = place?.left ?? course.left;
        const answer = await this.#origin.send(request);
        this.#circuit.answered(passage, answer.status);
        return answer;
      } finally {
        this.#lanes.leave(fingerprint);
      }
    } catch (reason) {
      if (passage !== undefined) {
        this.#circuit.failed(passage, reason, request.signal);
      }
      throw reason;
    } finally {
      place?.leave(passage !== undefined);
    }
  }

  #enterBudget(
    budget: Budget,
    { signal }: HttpRequest,
    { fingerprint, payer = fingerprint, isPatient = false }: Asker,
    { leftMs }: Course,
  ): Promise<Place> {
    return budget.enter(payer, { isPatient, signal, leftMs });
  }
}

/** Who waits no more has left, or has been told that the time is up. */
export function leftFailure(upstream: UpstreamName, reason: unknown): UpstreamFailure {
  return isTimeUp(reason)
    ? new UpstreamFailure(reason.message, { kind: 'timed-out', upstream })
    : new UpstreamFailure('the caller has gone', { kind: 'cancelled', upstream });
}
