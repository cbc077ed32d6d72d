/** One upstream as all callers share it: its connections, its lanes, what is under way. */

import { UpstreamFailure, type UpstreamName } from '../../failure.ts';
import { inSpan, isTracing, traceHeaders } from '../../tracing.ts';
import type { Answered, Asker, ObservedCall } from './asker.ts';
import type { Budget } from './budget.ts';
import { Circuit, type Health } from './circuit.ts';
import { Kept } from './kept.ts';
import { Lanes } from './lanes.ts';
import { Retries } from './retries.ts';
import { type HttpAnswer, type HttpLimits, type HttpRequest, isWrite, openOrigin } from './send.ts';
import { type Shared, Sharing } from './sharing.ts';

/** How it is with it now. */
export interface UpstreamVitals {
  readonly circuit: Health['state'];
  /** Calls waiting for their turn, and under way. */
  readonly calls: number;
  readonly waiting: number;
  /** Calls that the credential with the fewest left may make; undefined where they are not counted. */
  readonly leastLeft: number | undefined;
}

/** What callers may ask of it. */
export interface Allowance {
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
  /** Readings whose answers hold for a while; absent for none. */
  readonly keeping?: Keeping | undefined;
}

export interface Keeping {
  /** As `routeOf` gives them. */
  readonly routes: ReadonlySet<string>;
  readonly forMs: number;
}

/** An answer, and the calls that were left when it was asked for. */
interface Paid {
  readonly answer: HttpAnswer;
  readonly left: number;
  readonly tries: number;
}

/** How much of the calls in all may be one caller's that wait: the others are for others. */
const waitingShare = 0.5;
/** When one whose calls were too many may ask again. */
const fullLaneMs = 1_000;

export class Upstream {
  readonly name: UpstreamName;
  readonly #origin: ReturnType<typeof openOrigin>;
  readonly #lanes: Lanes;
  readonly #budget: Budget | undefined;
  readonly #circuit: Circuit;
  readonly #retries: Retries;
  readonly #callsInAll: number;
  readonly #routeOf: Allowance['routeOf'];
  #calls = 0;
  readonly #sharing: Sharing<Paid>;
  readonly #keptRoutes: ReadonlySet<string> | undefined;
  readonly #kept: Kept<Paid>;

  constructor(name: UpstreamName, url: URL, limits: HttpLimits, allowance: Allowance) {
    this.name = name;
    this.#origin = openOrigin(name, url, limits);
    const left = (reason: unknown) => leftFailure(name, reason);
    this.#lanes = new Lanes(
      allowance.callsAtATime,
      Math.ceil(allowance.callsInAll * waitingShare),
      { full: () => laneFailure(name), left },
    );
    this.#budget = allowance.budget;
    this.#callsInAll = allowance.callsInAll;
    this.#routeOf = allowance.routeOf;
    const { retries, restMs } = allowance.resilience;
    this.#circuit = new Circuit(name, this.#origin, restMs);
    this.#retries = new Retries({ retries, waitsForQuota: allowance.budget === undefined });
    this.#sharing = new Sharing(left);
    this.#keptRoutes = allowance.keeping?.routes;
    this.#kept = new Kept(allowance.keeping?.forMs ?? 0, ({ answer }) => answer.text.length);
  }

  /** Scheme, host and base path, without a slash at the end. */
  get url(): string {
    return this.#origin.url;
  }

  /** What of the address is put before each path; empty when there is none. */
  get basePath(): string {
    return this.#origin.basePath;
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
    return this.#sharing.size + this.#lanes.size + (this.#budget?.size ?? 0);
  }

  /**
   * Asks, as soon as the caller has a free lane. The same reading by the same caller is one exchange,
   * or an answer that is kept; a write is always its own, and ends both for whatever was sent before its
   * answer.
   *
   * @throws {UpstreamFailure}
   */
  async ask(request: Omit<HttpRequest, 'signal'>, asker: Asker): Promise<Answered> {
    const startedMs = performance.now();
    const { method, path } = request;
    const tell = (paid: Paid | null, shared: boolean) => {
      if (asker.observer === undefined) {
        return () => undefined;
      }
      const { observer } = asker;
      const durationMs = Math.round((performance.now() - startedMs) * 10) / 10;
      const left = paid?.left ?? Number.POSITIVE_INFINITY;
      const call: ObservedCall = {
        upstream: this.name,
        method,
        path,
        route: this.#routeOf(path.split('?', 1)[0] ?? path),
        status: paid?.answer.status ?? null,
        durationMs,
        bytes: paid?.answer.bytes ?? 0,
        shared,
        budgetLeft: Number.isFinite(left) ? left : null,
        tries: paid?.tries ?? 0,
      };
      observer.onCall(call);
      return (rows: number) => observer.onRows(call, rows);
    };
    try {
      const { answer: paid, isShared } = await (isWrite(method)
        ? this.#write(request, asker)
        : this.#read(request, asker));
      return { answer: paid.answer, countRows: tell(paid, isShared) };
    } catch (reason) {
      tell(null, false);
      throw reason;
    }
  }

  /** From here on this caller's readings join nothing that was sent before. */
  endSharing(fingerprint: string): void {
    this.#sharing.end(fingerprint);
    this.#kept.end(fingerprint);
  }

  /** Sends nothing for this payer for so long: it has spent more than is known here. */
  pause(payer: string, ms: number): void {
    this.#budget?.pause(payer, ms);
  }

  close(): Promise<void> {
    return this.#origin.close();
  }

  #read(request: HttpRequest, asker: Asker) {
    const { fingerprint, isPatient = false, signal } = asker;
    // The headers are the caller: whatever of them differs makes another answer.
    let key = `${request.method} ${request.path} ${isPatient}`;
    for (const name in request.headers) {
      // Neither a name nor a value can hold the end of a line.
      key += `\n${name}:${request.headers[name]}`;
    }
    const begin = () =>
      this.#sharing.ask(fingerprint, key, signal, (stop) =>
        this.#send({ ...request, signal: stop }, asker),
      );
    // Whoever watches for changes is not shown what was.
    return isPatient || !this.#isKept(request.path)
      ? begin()
      : this.#readKept(fingerprint, key, begin);
  }

  #isKept(path: string): boolean {
    return this.#keptRoutes?.has(this.#routeOf(path.split('?', 1)[0] ?? path)) === true;
  }

  async #readKept(fingerprint: string, key: string, begin: () => Promise<Shared<Paid>>) {
    const kept = this.#kept.of(fingerprint);
    const known = this.#kept.get(kept, key);
    if (known !== undefined) {
      return { answer: known, isShared: true };
    }
    const read = await begin();
    if (read.answer.answer.status === 200) {
      this.#kept.keep(kept, key, read.answer);
    }
    return read;
  }

  async #write(request: HttpRequest, asker: Asker) {
    const { fingerprint } = asker;
    this.endSharing(fingerprint);
    try {
      return { answer: await this.#send(request, asker), isShared: false };
    } finally {
      this.endSharing(fingerprint);
    }
  }

  async #send(request: HttpRequest, asker: Asker): Promise<Paid> {
    if (this.#calls >= this.#callsInAll) {
      throw new UpstreamFailure('too many calls wait', {
        kind: 'unavailable',
        upstream: this.name,
      });
    }
    this.#calls += 1;
    try {
      let left = Number.POSITIVE_INFINITY;
      let tries = 0;
      const leftMs = asker.leftMs ?? (() => Number.POSITIVE_INFINITY);
      const onLeft = (now: number) => {
        left = now;
      };
      const answer = await this.#retries.run(request, leftMs, () => {
        tries += 1;
        return isTracing()
          ? this.#sendInSpan(request, asker, onLeft, tries - 1)
          : this.#sendOnce(request, asker, onLeft);
      });
      return { answer, left, tries };
    } finally {
      this.#calls -= 1;
    }
  }

  #sendInSpan(
    request: HttpRequest,
    asker: Asker,
    onLeft: (left: number) => void,
    resends: number,
  ): Promise<HttpAnswer> {
    const { method, path } = request;
    const route = this.#routeOf(path.split('?', 1)[0] ?? path);
    const attributes = {
      'http.request.method': method,
      // The path and the query hold what users have typed.
      'url.template': route,
      'server.address': this.#origin.host,
      'peer.service': this.name,
      ...(resends > 0 ? { 'http.request.resend_count': resends } : {}),
    };
    return inSpan(`${method} ${route}`, { kind: 'client', attributes }, async (span) => {
      const headers = { ...request.headers, ...traceHeaders() };
      const answer = await this.#sendOnce({ ...request, headers }, asker, onLeft);
      span?.setAttribute('http.response.status_code', answer.status);
      span?.setAttribute('http.response.body.size', answer.bytes);
      return answer;
    });
  }

  /** @param onLeft - told of the calls that are left, where they are counted */
  async #sendOnce(
    request: HttpRequest,
    asker: Asker,
    onLeft: (left: number) => void,
  ): Promise<HttpAnswer> {
    // Who will be refused waits for nothing, and spends nothing.
    this.#circuit.check();
    const { fingerprint, payer, isPatient = false, leftMs } = asker;
    if (this.#budget === undefined) {
      return this.#sendInLane(request, fingerprint);
    }
    const send = () => this.#sendInLane(request, fingerprint);
    const errand = { isPatient, signal: request.signal, patienceMs: leftMs?.() };
    return this.#budget.run(payer ?? fingerprint, errand, send).then(({ value, left }) => {
      onLeft(left);
      return value;
    });
  }

  async #sendInLane(request: HttpRequest, fingerprint: string): Promise<HttpAnswer> {
    await this.#lanes.enter(fingerprint, request.signal);
    try {
      return await this.#circuit.send(request);
    } finally {
      this.#lanes.leave(fingerprint);
    }
  }
}

function laneFailure(upstream: UpstreamName): UpstreamFailure {
  return new UpstreamFailure('too many calls of one caller wait', {
    kind: 'rate-limited',
    upstream,
    retryAfterMs: fullLaneMs,
  });
}

/** Who waits no more has left, or has been told that the time is up. */
export function leftFailure(upstream: UpstreamName, reason: unknown): UpstreamFailure {
  return reason instanceof Error && reason.name === 'DeadlineError'
    ? new UpstreamFailure(reason.message, { kind: 'timed-out', upstream })
    : new UpstreamFailure('the caller has gone', { kind: 'cancelled', upstream });
}
