/** One caller's way to one Danube Cloud. */

import { type FailureKind, UpstreamFailure } from '../../failure.ts';
import { parseJson } from '../http/json.ts';
import type { Lanes } from '../http/lanes.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import type { HttpAnswer, HttpOrigin } from '../http/send.ts';
import { type Envelope, readAnswer } from './envelope.ts';

export interface DanubeCaller {
  /** Sent as `ES-API-KEY`; absent for an anonymous caller. */
  readonly apiKey: string | undefined;
  /** Set apart from every other caller, and never a secret. */
  readonly fingerprint: string;
  readonly address: string | undefined;
}

export class DanubeConnection {
  readonly #origin: HttpOrigin;
  readonly #lanes: Lanes;
  readonly #caller: DanubeCaller;
  readonly #signal: AbortSignal | undefined;

  constructor(
    origin: HttpOrigin,
    lanes: Lanes,
    caller: DanubeCaller,
    signal: AbortSignal | undefined,
  ) {
    this.#origin = origin;
    this.#lanes = lanes;
    this.#caller = caller;
    this.#signal = signal;
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
    const answer = await this.#send(`/api${path}${search === '' ? '' : `?${search}`}`);
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
    return read;
  }

  #send(path: string): Promise<HttpAnswer> {
    const { apiKey, address, fingerprint } = this.#caller;
    return this.#lanes.run(fingerprint, () =>
      this.#origin.send({
        method: 'GET',
        path,
        headers: {
          accept: 'application/json',
          'accept-language': 'en',
          ...(apiKey === undefined ? {} : { 'es-api-key': apiKey }),
          ...(address === undefined ? {} : { 'x-forwarded-for': address }),
        },
        signal: this.#signal,
      }),
    );
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
