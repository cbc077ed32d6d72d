/** One upstream as all callers share it: its connections, its lanes, what is under way. */

import type { UpstreamName } from '../../failure.ts';
import type { Answered, Asker, ObservedCall } from './asker.ts';
import type { Health } from './circuit.ts';
import { Kept } from './kept.ts';
import { type HttpLimits, type HttpRequest, isWrite, openOrigin } from './send.ts';
import { type Shared, Sharing } from './sharing.ts';
import { leftFailure, type Paid, type UpstreamVitals, Way, type WayOptions } from './way.ts';

/** What callers may ask of it. */
export interface Allowance extends WayOptions {
  /** Readings whose answers hold for a while; absent for none. */
  readonly keeping?: Keeping | undefined;
}

export interface Keeping {
  /** As `routeOf` gives them. */
  readonly routes: ReadonlySet<string>;
  readonly forMs: number;
}

export class Upstream {
  readonly name: UpstreamName;
  readonly #origin: ReturnType<typeof openOrigin>;
  readonly #way: Way;
  readonly #routeOf: Allowance['routeOf'];
  readonly #sharing: Sharing<Paid>;
  readonly #keptRoutes: ReadonlySet<string> | undefined;
  readonly #kept: Kept<Paid>;

  constructor(name: UpstreamName, url: URL, limits: HttpLimits, allowance: Allowance) {
    this.name = name;
    this.#origin = openOrigin(name, url, limits);
    this.#way = new Way(name, this.#origin, allowance);
    this.#routeOf = allowance.routeOf;
    this.#sharing = new Sharing((reason) => leftFailure(name, reason));
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
    this.#way.pause(payer, ms);
  }

  close(): Promise<void> {
    return this.#origin.close();
  }

  #read(request: HttpRequest, asker: Asker) {
    const { fingerprint, isPatient = false } = asker;
    // The headers are the caller: whatever of them differs makes another answer.
    let key = `${request.method} ${request.path} ${isPatient}`;
    for (const name in request.headers) {
      // Neither a name nor a value can hold the end of a line.
      key += `\n${name}:${request.headers[name]}`;
    }
    const begin = () =>
      this.#sharing.ask(fingerprint, key, asker, (signal, leftMs) =>
        this.#way.send({ ...request, signal }, asker, leftMs),
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
    const { fingerprint, leftMs } = asker;
    this.endSharing(fingerprint);
    try {
      return { answer: await this.#way.send(request, asker, leftMs), isShared: false };
    } finally {
      this.endSharing(fingerprint);
    }
  }
}
