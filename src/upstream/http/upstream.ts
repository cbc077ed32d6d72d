/** One upstream as all callers share it: its connections, what is under way, what is kept. */

import type { UpstreamName } from '../../failure.ts';
import type { HttpAnswer } from './answer.ts';
import type { Answered, Asker, ObservedCall } from './asker.ts';
import type { Health } from './circuit.ts';
import { Kept } from './kept.ts';
import { type HttpLimits, type HttpRequest, isWrite, openOrigin } from './send.ts';
import { type Reading, Sharing, type Waiter } from './sharing.ts';
import type { StopSignal } from './stop.ts';
import { afterSending } from './turn.ts';
import { type Course, leftFailure, type UpstreamVitals, Way, type WayOptions } from './way.ts';

interface Keeping {
  /** As `routeOf` gives them. */
  readonly routes: ReadonlySet<string>;
  readonly forMs: number;
}

/** What callers may ask of it. */
export interface Allowance extends WayOptions {
  /** Readings whose answers hold for a while; absent for none. */
  readonly keeping?: Keeping | undefined;
}

/** What is made of a call's course; what has failed is there, too, unless its caller has left. */
type CourseReading = Reading<Course, Answered>;

/** Sends a call that nobody else has under way. */
type Begin = (signal: StopSignal | undefined, leftMs: Waiter['leftMs']) => Promise<Course>;

export class Upstream {
  readonly name: UpstreamName;
  readonly #origin: ReturnType<typeof openOrigin>;
  readonly #way: Way;
  readonly #routeOf: Allowance['routeOf'];
  readonly #sharing: Sharing<Course>;
  readonly #keptRoutes: ReadonlySet<string> | undefined;
  readonly #kept: Kept<Course>;

  constructor(name: UpstreamName, url: URL, limits: HttpLimits, allowance: Allowance) {
    this.name = name;
    this.#origin = openOrigin(name, url, limits);
    this.#way = new Way(name, this.#origin, allowance);
    this.#routeOf = allowance.routeOf;
    this.#sharing = new Sharing((reason) => leftFailure(name, reason), afterSending);
    this.#keptRoutes = allowance.keeping?.routes;
    this.#kept = new Kept(allowance.keeping?.forMs ?? 0, ({ answer }) => answer?.body.length ?? 0);
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
    return this.#way.health;
  }

  get vitals(): UpstreamVitals {
    return this.#way.vitals;
  }

  /** Things that live only as long as a call: nothing of them may be left when none is under way. */
  get underWay(): number {
    return this.#sharing.size + this.#way.underWay;
  }

  /**
   * Asks, as soon as the caller has a free lane. The same reading by the same caller is one exchange,
   * or an answer that is kept; a write is always its own, and ends both for whatever was sent before its
   * answer.
   *
   * @param check - throws what an answer fails as; absent where any will do
   * @throws {UpstreamFailure} and whatever `check` throws
   */
  ask(
    request: Omit<HttpRequest, 'signal'>,
    asker: Asker,
    check?: (answer: HttpAnswer) => void,
  ): Promise<Answered> {
    const startedMs = performance.now();
    const { method, path } = request;
    const { observer, signal } = asker;
    if (signal?.aborted && !isWrite(method)) {
      return Promise.reject(leftFailure(this.name, signal.reason));
    }
    let begun: Course | undefined;
    const begin: Begin = (stop, leftMs) => {
      const left = Number.POSITIVE_INFINITY;
      begun = { leftMs, answer: undefined, reason: undefined, left, tries: 0 };
      return this.#way.send({ ...request, signal: stop }, asker, begun);
    };
    const tell = (course: Course | undefined) => {
      if (observer === undefined) {
        return () => undefined;
      }
      const left = course?.left ?? Number.POSITIVE_INFINITY;
      const call: ObservedCall = {
        upstream: this.name,
        method,
        path,
        route: this.#routeOf(path.split('?', 1)[0] ?? path),
        status: course?.answer?.status ?? null,
        durationMs: Math.round((performance.now() - startedMs) * 10) / 10,
        bytes: course?.answer?.body.length ?? 0,
        shared: begun === undefined,
        budgetLeft: Number.isFinite(left) ? left : null,
        tries: course?.tries ?? 0,
      };
      observer.onCall(call);
      return (rows: number) => observer.onRows(call, rows);
    };
    const reading: CourseReading = {
      answered: (course) => {
        const countRows = tell(course);
        const { answer } = course;
        if (answer === undefined) {
          throw course.reason;
        }
        check?.(answer);
        return { answer, countRows };
      },
      failed: (reason) => {
        // Who leaves a call that others have begun does not know what has become of it.
        tell(begun);
        throw reason;
      },
    };
    return isWrite(method)
      ? this.#write(asker, begin, reading)
      : this.#read(request, asker, begin, reading);
  }

  /** From here on this caller's readings join nothing that was sent before. */
  endSharing(fingerprint: string): void {
    this.#sharing.end(fingerprint);
    this.#kept.end(fingerprint);
  }

  /** Sends nothing for this payer for so long: it has spent more than is known here. */
  pause(payer: string, ms: number): void {
    this.#way.pause(payer, ms);
  }

  close(): Promise<void> {
    return this.#origin.close();
  }

  #read(
    request: HttpRequest,
    asker: Asker,
    begin: Begin,
    reading: CourseReading,
  ): Promise<Answered> {
    const { fingerprint, isPatient = false } = asker;
    // The headers are the caller: whatever of them differs makes another answer.
    const key = `${request.method} ${request.path} ${isPatient}${textOf(request.headers)}`;
    // Whoever watches for changes is not shown what was.
    return isPatient || !this.#isKept(request.path)
      ? this.#sharing.ask(fingerprint, key, asker, begin, reading)
      : this.#readKept(key, asker, begin, reading);
  }

  #isKept(path: string): boolean {
    return this.#keptRoutes?.has(this.#routeOf(path.split('?', 1)[0] ?? path)) === true;
  }

  async #readKept(
    key: string,
    asker: Asker,
    begin: Begin,
    { answered, failed }: CourseReading,
  ): Promise<Answered> {
    const { fingerprint } = asker;
    const kept = this.#kept.of(fingerprint);
    const known = this.#kept.get(kept, key);
    if (known !== undefined) {
      return answered(known, true);
    }
    return this.#sharing.ask(fingerprint, key, asker, begin, {
      answered: (course, isShared) => {
        if (course.answer?.status === 200) {
          this.#kept.keep(kept, key, course);
        }
        return answered(course, isShared);
      },
      failed,
    });
  }

  async #write(
    { fingerprint, leftMs }: Asker,
    begin: Begin,
    { answered }: CourseReading,
  ): Promise<Answered> {
    this.endSharing(fingerprint);
    let course: Course;
    try {
      // Its caller's leaving does not stop it.
      course = await begin(undefined, leftMs);
    } finally {
      this.endSharing(fingerprint);
    }
    return answered(course, false);
  }
}

/** Of callers who make many calls, and have the same headers for each. */
const headerTexts = new WeakMap<HttpRequest['headers'], string>();

/** The same for the same headers. Neither a name nor a value can hold the end of a line. */
function textOf(headers: HttpRequest['headers']): string {
  const known = headerTexts.get(headers);
  if (known !== undefined) {
    return known;
  }
  let text = '';
  for (const name in headers) {
    text += `\n${name}:${headers[name]}`;
  }
  headerTexts.set(headers, text);
  return text;
}
