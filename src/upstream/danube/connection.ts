/** One caller's way to one Danube Cloud. */

import { type FailureKind, type Issue, UpstreamFailure } from '../../failure.ts';
import type { HttpAnswer } from '../http/answer.ts';
import type { Answered, Asker } from '../http/asker.ts';
import type { Refusals } from '../http/budget.ts';
import { encoded } from '../http/encoded.ts';
import { parseJson } from '../http/json.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import type { Upstream } from '../http/upstream.ts';
import { leftFailure } from '../http/way.ts';
import { type Envelope, readAnswer, readBareList, readWrite } from './envelope.ts';

export interface DanubeCaller {
  /** Sent as `ES-API-KEY`; absent for an anonymous caller. */
  readonly apiKey: string | undefined;
  /** Set apart from every other caller, and never a secret. */
  readonly fingerprint: string;
  /** Likewise for the key alone, wherever it is used from: Danube counts calls by user. */
  readonly payer: string;
  readonly address: string | undefined;
}

/** A change, as Danube is asked for it. */
export interface DanubeWrite {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** Path segments after `/api/`, e.g. `['vm', hostname, 'status', 'stop']`. */
  readonly path: readonly string[];
  /** Sent as JSON; `dc` belongs in it. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What the input that it is made of calls the body's fields. */
  readonly names: Readonly<Record<string, string>>;
}

/** What callers are told whose credential has no calls left. */
export const danubeRefusals: Refusals = {
  tooLong: (waitMs) =>
    new UpstreamFailure('no calls left', {
      kind: 'rate-limited',
      upstream: 'danube',
      retryAfterMs: waitMs,
    }),
  left: (reason) => leftFailure('danube', reason),
};

export class DanubeConnection {
  readonly #upstream: Upstream;
  readonly #caller: DanubeCaller;
  readonly #asker: Asker;

  constructor(
    upstream: Upstream,
    caller: DanubeCaller,
    asking: Pick<Asker, 'signal' | 'observer' | 'isPatient' | 'leftMs'>,
  ) {
    this.#upstream = upstream;
    this.#caller = caller;
    this.#asker = { ...asking, fingerprint: caller.fingerprint, payer: caller.payer };
  }

  /**
   * The same caller's way for looks that nobody waits for: whatever is asked otherwise goes first.
   *
   * @param signal - fires when they are not wanted any more
   */
  inBackground(signal: AbortSignal): DanubeConnection {
    const asking = { ...this.#asker, isPatient: true, signal };
    return new DanubeConnection(this.#upstream, this.#caller, asking);
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
   * @throws {UpstreamFailure} `rate-limited` when the wait for the next call would be too long
   */
  async task(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<Envelope> {
    const { read, countRows } = await this.#readBy(readAnswer, path, parameters);
    if (Array.isArray(read.result)) {
      countRows(read.result.length);
    }
    return read;
  }

  /**
   * A list that comes without an envelope, as those about tasks do.
   *
   * @throws {UpstreamFailure} `rate-limited` when the wait for the next call would be too long
   */
  async bareList(
    path: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<readonly unknown[]> {
    const { read, countRows } = await this.#readBy(readBareList, path, parameters);
    countRows(read.length);
    return read;
  }

  /** Asks again where others have used up the calls, and Danube says until when. */
  async #readBy<V extends object>(
    accept: (status: number, body: unknown) => V | FailureKind,
    path: string,
    parameters: Readonly<Record<string, string>>,
    triesLeft = 2,
  ): Promise<{ readonly read: V; readonly countRows: Answered['countRows'] }> {
    const { answer, countRows, body } = await this.#look(path, parameters);
    const read = accept(answer.status, body);
    if (read === 'rate-limited' && this.#pauseFor(answer) && triesLeft > 0) {
      return this.#readBy(accept, path, parameters, triesLeft - 1);
    }
    if (typeof read === 'string') {
      throw this.#failure(path, read, `status ${answer.status}`, { answer });
    }
    return { read, countRows };
  }

  async #look(path: string, parameters: Readonly<Record<string, string>>) {
    if (this.#caller.apiKey === undefined) {
      throw this.#failure(path, 'unauthenticated', 'no Danube credential');
    }
    const search = new URLSearchParams(parameters).toString();
    const { answer, countRows } = await this.#send(
      `/api${path}${search === '' ? '' : `?${search}`}`,
    );
    try {
      return { answer, countRows, body: parseJson(answer.text) };
    } catch (cause) {
      // "Resource not found" and "Server Error" come as bare text that calls itself JSON.
      throw this.#failure(path, 'malformed', `status ${answer.status}, not JSON`, { cause });
    }
  }

  /**
   * Sends a change, once. The caller's leaving does not stop it.
   *
   * @returns the task that was accepted, or the end of what was done at once
   * @throws {UpstreamFailure} `outcome-unknown` when it was sent and no answer tells what came of it;
   *   `invalid` with paths into the input that it was made of
   */
  async write({ method, path: segments, body, names }: DanubeWrite): Promise<Envelope> {
    const path = `/api/${segments.map(encoded).join('/')}/`;
    if (this.#caller.apiKey === undefined) {
      throw this.#failure(path, 'unauthenticated', 'no Danube credential');
    }
    const { answer } = await this.#upstream.ask(
      {
        method,
        path,
        headers: { ...this.#headers(), 'content-type': 'application/json' },
        body: JSON.stringify(body),
      },
      this.#asker,
    );
    const read = readWrite(answer.status, parsedOrNull(answer.text));
    if (!('failure' in read)) {
      return read;
    }
    if (read.failure === 'rate-limited') {
      this.#pauseFor(answer);
    }
    throw this.#failure(path, read.failure, `status ${answer.status}`, {
      answer,
      issues: inOurWords(read.issues, names),
      isConfirmationMissing: read.isConfirmationMissing,
    });
  }

  /**
   * Others have used the same credential: nothing more is sent with it before Danube takes it.
   *
   * @returns whether Danube has said when that is
   */
  #pauseFor(answer: HttpAnswer): boolean {
    const waitMs = waitIn(answer);
    if (waitMs !== undefined) {
      this.#upstream.pause(this.#caller.payer, waitMs);
    }
    return waitMs !== undefined;
  }

  #headers(): Record<string, string> {
    const { apiKey, address } = this.#caller;
    return {
      accept: 'application/json',
      // Texts are translated otherwise, and one of them says what only it can say.
      'accept-language': 'en',
      ...(apiKey === undefined ? {} : { 'es-api-key': apiKey }),
      ...(address === undefined ? {} : { 'x-forwarded-for': address }),
    };
  }

  #send(path: string): Promise<Answered> {
    return this.#upstream.ask({ method: 'GET', path, headers: this.#headers() }, this.#asker);
  }

  #failure(
    path: string,
    kind: FailureKind,
    reason: string,
    more: {
      answer?: HttpAnswer;
      cause?: unknown;
      issues?: readonly Issue[];
      isConfirmationMissing?: boolean;
    } = {},
  ): UpstreamFailure {
    return new UpstreamFailure(`${path}: ${reason}`, {
      kind,
      upstream: 'danube',
      retryAfterMs: kind === 'rate-limited' ? waitIn(more.answer) : undefined,
      issues: more.issues ?? [],
      isConfirmationMissing: more.isConfirmationMissing ?? false,
      cause: more.cause,
    });
  }
}

/** Milliseconds that the answer asks to wait. */
function waitIn(answer: HttpAnswer | undefined): number | undefined {
  return retryAfterMs(answer?.headers['retry-after'], Date.now());
}

function parsedOrNull(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** A field that the input does not have is named in the message instead. */
function inOurWords(
  issues: readonly Issue[],
  names: Readonly<Record<string, string>>,
): readonly Issue[] {
  return issues.map(({ path, message }) => {
    const [field, ...rest] = path;
    if (field === undefined) {
      return { path, message };
    }
    const name = names[field];
    return name === undefined
      ? { path: [], message: `${path.join('.')}: ${message}` }
      : { path: [name, ...rest], message };
  });
}
