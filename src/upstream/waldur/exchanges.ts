/** One caller's exchanges with one Waldur: what is sent for whom, and what an answer may be. */

import { type FailureKind, UpstreamFailure } from '../../failure.ts';
import type { HttpAnswer } from '../http/answer.ts';
import type { Answered, Asker } from '../http/asker.ts';
import { parseJson } from '../http/json.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { type HttpRequest, isWrite } from '../http/send.ts';
import type { Upstream } from '../http/upstream.ts';
import type { WaldurCaller } from './caller.ts';
import { allowedStatesIn, type FieldNames, inOurWords, issuesIn } from './error-body.ts';
import { Ahead } from './following.ts';
import type { Recording } from './script.ts';
import { isAnswered, kindOf, kindOfWrite, refusals } from './statuses.ts';

/** What is sent with a change. */
interface Sent {
  readonly body: unknown;
  readonly names: FieldNames;
}

/** Bytes of a request line; gunicorn, before Waldur, takes 4,094. */
const maxRequestLine = 4_000;

export class Exchanges {
  readonly caller: WaldurCaller;
  /** Told of all that is asked from now on; undefined for nobody. */
  recording: Recording | undefined;
  readonly #upstream: Upstream;
  readonly #asker: Asker;
  #ahead: Ahead | undefined;

  constructor(
    upstream: Upstream,
    caller: WaldurCaller,
    asking: Pick<Asker, 'signal' | 'observer' | 'isPatient' | 'leftMs'>,
  ) {
    this.#upstream = upstream;
    this.caller = caller;
    this.#asker = { ...asking, fingerprint: caller.fingerprint };
  }

  /** Scheme, host and base path, without a slash at the end. */
  get url(): string {
    return this.#upstream.url;
  }

  /** From here on no reading is answered by one that was sent before. */
  endSharing(): void {
    this.#upstream.endSharing(this.caller.fingerprint);
  }

  /** Bytes that a reading's request line has left beside this path; below 0 when it is too long. */
  roomBeside(path: string): number {
    return maxRequestLine - `GET  HTTP/1.1`.length - this.#upstream.basePath.length - path.length;
  }

  /**
   * Asks, and sees to it that there is an answer: 404 to a reading is one, too.
   *
   * @throws {UpstreamFailure} `outcome-unknown` for a change that was sent, when no answer tells what came of it
   */
  async ask(method: HttpRequest['method'], path: string, sent?: Sent): Promise<Answered> {
    const { recording } = this;
    if (method !== 'GET' && method !== 'HEAD') {
      recording?.spoil();
      return this.#send(method, path, sent);
    }
    const question = { method, path };
    const answered = this.#ahead?.take(question) ?? this.#send(method, path);
    if (recording === undefined) {
      return answered;
    }
    const at = recording.asked(question);
    return recording.answered(at, await answered);
  }

  /** Whoever asks for what was asked ahead is answered with that. */
  get ahead(): Ahead {
    this.#ahead ??= new Ahead(({ method, path }) => this.#send(method, path));
    return this.#ahead;
  }

  #send(method: HttpRequest['method'], path: string, sent?: Sent): Promise<Answered> {
    const { headers, impersonatedUser } = this.caller;
    const room = this.roomBeside(path);
    if (room < 0) {
      return Promise.reject(
        new UpstreamFailure(`a request line of ${maxRequestLine - room} bytes`, {
          kind: 'invalid',
          upstream: 'waldur',
          issues: [{ path: [], message: `It is too long by ${-room} bytes.` }],
        }),
      );
    }
    if (headers === undefined) {
      return Promise.reject(
        new UpstreamFailure('no Waldur credential', {
          kind: 'unauthenticated',
          upstream: 'waldur',
        }),
      );
    }
    const body = sent?.body;
    const request =
      body === undefined
        ? { method, path, headers }
        : {
            method,
            path,
            headers: { ...headers, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          };
    return this.#upstream.ask(request, this.#asker, (answer) => {
      if (!isAnswered(method, answer.status)) {
        const kind = isWrite(method) ? kindOfWrite(answer) : kindOf(answer.status);
        throw failure(`${method} ${path}`, answer, kind, `status ${answer.status}`, sent);
      }
      if (impersonatedUser !== undefined && answer.headers['x-impersonator-uuid'] === undefined) {
        // Waldur drops what it will not grant without a word, and acts with the caller's own rights.
        const kind = isWrite(method) ? 'outcome-unknown' : 'forbidden';
        throw failure(path, answer, kind, 'impersonation was not granted');
      }
    });
  }
}

/** @param kind - of the failure when it is no JSON @throws {UpstreamFailure} */
export function parsed(path: string, answer: HttpAnswer, kind: FailureKind = 'malformed'): unknown {
  try {
    return parseJson(answer.text);
  } catch (cause) {
    throw failure(path, answer, kind, 'not JSON', { cause });
  }
}

/** Rows of all pages of a list. @throws {UpstreamFailure} */
export function resultCount(path: string, answer: HttpAnswer): number {
  const header = answer.headers['x-result-count'];
  if (typeof header !== 'string' || !/^\d{1,15}$/.test(header)) {
    throw failure(path, answer, 'malformed', 'no X-Result-Count');
  }
  return Number(header);
}

/** What an answer fails as. @param names - what a change's input calls its fields */
export function failure(
  path: string,
  answer: HttpAnswer,
  kind: FailureKind,
  reason: string,
  { cause, names }: { readonly cause?: unknown; readonly names?: FieldNames | undefined } = {},
): UpstreamFailure {
  const said = refusals.has(kind) ? issuesIn(answer.text) : [];
  const issues = names === undefined ? said : inOurWords(said, names);
  return new UpstreamFailure(`${path.split('?', 1)[0]}: ${reason}`, {
    kind,
    upstream: 'waldur',
    issues,
    allowedStates: kind === 'conflict' ? allowedStatesIn(issues) : [],
    retryAfterMs:
      kind === 'rate-limited' ? retryAfterMs(answer.headers['retry-after'], Date.now()) : undefined,
    cause,
  });
}
