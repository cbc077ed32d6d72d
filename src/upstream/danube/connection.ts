/** One caller's way to one Danube Cloud. */

import { type FailureKind, UpstreamFailure } from '../../failure.ts';
import { parseJson } from '../http/json.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import type { HttpAnswer } from '../http/send.ts';
import type { Answered, Asker, Upstream } from '../http/upstream.ts';
import { type Envelope, readAnswer } from './envelope.ts';

export interface DanubeCaller {
  /** Sent as `ES-API-KEY`; absent for an anonymous caller. */
  readonly apiKey: string | undefined;
  /** Set apart from every other caller, and never a secret. */
  readonly fingerprint: string;
  readonly address: string | undefined;
}

export class DanubeConnection {
  readonly #upstream: Upstream;
  readonly #caller: DanubeCaller;
  readonly #asker: Asker;

  constructor(
    upstream: Upstream,
    caller: DanubeCaller,
    { signal, observe }: Pick<Asker, 'signal' | 'observe'>,
  ) {
    this.#upstream = upstream;
    this.#caller = caller;
    this.#asker = { fingerprint: caller.fingerprint, signal, observe };
  }

  /**
   * What a synchronous GET tells: an envelope's `result`.
   *
   * @param path - after `/api`, with a slash at both ends
   * @param parameters - flags are sent only when true: Danube takes any text for true in some places.
   *   `dc` belongs in it for whatever lies in a datacenter, or the one last chosen in Danube's own GUI
   *   would be used
   * @throws {UpstreamFailure}
   */
  async read(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const { result, status } = await this.task(path, parameters);
    if (status !== 'SUCCESS') {
      throw this.#failure(path, 'malformed', `task status ${status}`);
    }
    return result;
  }

  /**
   * An envelope, whatever its task's status: for the endpoints that tell of tasks.
   *
   * @throws {UpstreamFailure}
   */
  async task(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<Envelope> {
    if (this.#caller.apiKey === undefined) {
      throw this.#failure(path, 'unauthenticated', 'no Danube credential');
    }
    const search = new URLSearchParams(parameters).toString();
    const { answer, observed } = await this.#send(
      `/api${path}${search === '' ? '' : `?${search}`}`,
    );
    let body: unknown;
    try {
      body = parseJson(answer.text);
    } catch (cause) {
      // "Resource not found" and "Server Error" come as bare text that calls itself JSON.
      throw this.#failure(path, 'malformed', `status ${answer.status}, not JSON`, { cause });
    }
    const read = readAnswer(answer.status, body);
    if (typeof read === 'string') {
      throw this.#failure(path, read, `status ${answer.status}`, { answer });
    }
    if (observed !== undefined && Array.isArray(read.result)) {
      observed.rows = read.result.length;
    }
    return read;
  }

  #send(path: string): Promise<Answered> {
    const { apiKey, address } = this.#caller;
    const headers = {
      accept: 'application/json',
      'accept-language': 'en',
      ...(apiKey === undefined ? {} : { 'es-api-key': apiKey }),
      ...(address === undefined ? {} : { 'x-forwarded-for': address }),
    };
    return this.#upstream.ask({ method: 'GET', path, headers }, this.#asker);
  }

  #failure(
    path: string,
    kind: FailureKind,
    reason: string,
    more: { answer?: HttpAnswer; cause?: unknown } = {},
  ): UpstreamFailure {
    const wait = more.answer?.headers['retry-after'];
    return new UpstreamFailure(`GET /api${path}: ${reason}`, {
      kind,
      upstream: 'danube',
      retryAfterMs: typeof wait === 'string' ? retryAfterMs(wait, Date.now()) : undefined,
      cause: more.cause,
    });
  }
}
