/** One upstream as all callers share it: its connections, its lanes, what is under way. */

import { UpstreamFailure, type UpstreamName } from '../../failure.ts';
import { Lanes } from './lanes.ts';
import { type HttpAnswer, type HttpLimits, type HttpRequest, isWrite, openOrigin } from './send.ts';
import { Sharing } from './sharing.ts';

/** A call as it went, for whoever wants an explanation. */
export interface ObservedCall {
  readonly upstream: UpstreamName;
  readonly method: HttpRequest['method'];
  /** With its query. */
  readonly path: string;
  /** Null when there was no answer. */
  readonly status: number | null;
  /** From asking to the answer's end, waiting for a free lane included. */
  readonly durationMs: number;
  /** Of the body, as text. */
  readonly bytes: number;
  /** Whether it joined a call that was under way. */
  readonly shared: boolean;
  /** Rows in the answer; null where that is no question. */
  rows: number | null;
}

/** Who asks. */
export interface Asker {
  /** Tells callers apart, by everything that can make their answers differ. */
  readonly fingerprint: string;
  /** Fires when the client has gone. Writes go on. */
  readonly signal: AbortSignal | undefined;
  readonly observe: ((call: ObservedCall) => void) | undefined;
}

export interface Answered {
  readonly answer: HttpAnswer;
  /** Undefined when nobody wants to know. */
  readonly observed: ObservedCall | undefined;
}

export class Upstream {
  readonly name: UpstreamName;
  readonly #origin: ReturnType<typeof openOrigin>;
  readonly #lanes: Lanes;
  readonly #sharing: Sharing<HttpAnswer>;

  /** @param callsAtATime - for each caller */
  constructor(name: UpstreamName, url: URL, limits: HttpLimits, callsAtATime: number) {
    this.name = name;
    this.#origin = openOrigin(name, url, limits);
    this.#lanes = new Lanes(callsAtATime);
    this.#sharing = new Sharing(
      () => new UpstreamFailure('the caller has gone', { kind: 'cancelled', upstream: name }),
    );
  }

  /** Scheme, host and base path, without a slash at the end. */
  get url(): string {
    return this.#origin.url;
  }

  /** What of the address is put before each path; empty when there is none. */
  get basePath(): string {
    return this.#origin.basePath;
  }

  /** Things that live only as long as a call: nothing of them may be left when none is under way. */
  get underWay(): number {
    return this.#sharing.size + this.#lanes.size;
  }

  /**
   * Asks, as soon as the caller has a free lane. The same reading by the same caller is one exchange;
   * a write is always its own, and ends the sharing of whatever was sent before its answer.
   *
   * @throws {UpstreamFailure}
   */
  async ask(request: Omit<HttpRequest, 'signal'>, asker: Asker): Promise<Answered> {
    const startedMs = performance.now();
    const { method, path } = request;
    const tell = (status: number | null, bytes: number, shared: boolean) => {
      if (asker.observe === undefined) {
        return undefined;
      }
      const durationMs = Math.round((performance.now() - startedMs) * 10) / 10;
      const { name: upstream } = this;
      const call = { upstream, method, path, status, durationMs, bytes, shared, rows: null };
      asker.observe(call);
      return call;
    };
    try {
      const { answer, isShared } = await (isWrite(method)
        ? this.#write(request, asker)
        : this.#read(request, asker));
      const observed = tell(answer.status, Buffer.byteLength(answer.text), isShared);
      return { answer, observed };
    } catch (reason) {
      tell(null, 0, false);
      throw reason;
    }
  }

  close(): Promise<void> {
    return this.#origin.close();
  }

  #read(request: HttpRequest, { fingerprint, signal }: Asker) {
    // The headers are the caller: whatever of them differs makes another answer.
    const key = JSON.stringify([request.method, request.path, request.headers]);
    return this.#sharing.ask(fingerprint, key, signal, (stop) =>
      this.#lanes.run(fingerprint, () => this.#origin.send({ ...request, signal: stop })),
    );
  }

  async #write(request: HttpRequest, { fingerprint }: Asker) {
    this.#sharing.end(fingerprint);
    try {
      const answer = await this.#lanes.run(fingerprint, () => this.#origin.send(request));
      return { answer, isShared: false };
    } finally {
      this.#sharing.end(fingerprint);
    }
  }
}
