/** One exchange with an upstream's origin. The only file that knows undici. */

import { type Dispatcher, errors, Pool } from 'undici';
import { type FailureKind, UpstreamFailure, type UpstreamName } from '../../failure.ts';
import { HttpAnswer } from './answer.ts';
import type { StopSignal } from './stop.ts';

export interface HttpLimits {
  readonly connectTimeoutMs: number;
  /** From the call to the answer's last byte. */
  readonly answerTimeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly connections: number;
}

export const defaultHttpLimits: HttpLimits = {
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 30_000,
  maxAnswerBytes: 32 * 1024 * 1024,
  connections: 64,
};

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the host on: the origin's base path is put before it. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: StopSignal | undefined;
}

/** An upstream's origin, with the connections kept open to it. */
export interface HttpOrigin {
  /** Scheme, host and base path, without a slash at the end. */
  readonly url: string;
  /** The name, or address, and port. */
  readonly host: string;
  /** What of it is put before each path; empty when there is none. */
  readonly basePath: string;
  /**
   * Sends once and reads the answer to its end, whatever its status. Redirects are not followed.
   *
   * @throws {UpstreamFailure} `unavailable` when there is no connection or it breaks, `timed-out`,
   *   `malformed` when the answer is not HTTP or too large, `cancelled` when the signal fires;
   *   `outcome-unknown` instead of each for whatever may change something, once its first byte may
   *   have left
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes idle connections at once and others when their answer is complete. */
  close(): Promise<void>;
}

/**
 * Waldur's `Link` header names up to four pages of a list, each with the whole request line, in which three
 * letters stand for every comma.
 */
const maxHeaderBytes = 32 * 1024;

/**
 * @param url - origin with or without a base path
 */
export function openOrigin(
  upstream: UpstreamName,
  url: URL,
  limits: HttpLimits = defaultHttpLimits,
): HttpOrigin {
  const basePath = url.pathname.replace(/\/+$/, '');
  const pool = new Pool(url.origin, {
    connections: limits.connections,
    connect: { timeout: limits.connectTimeoutMs },
    // The time for the whole answer is for its parts.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: limits.maxAnswerBytes,
    maxHeaderSize: maxHeaderBytes,
  });

  return {
    url: url.origin + basePath,
    host: url.host,
    basePath,
    send(request) {
      const { method, path, headers, body } = request;
      if (climbing.test(path.split('?', 1)[0] ?? '')) {
        return Promise.reject(new Error(`a path that leads out of itself: ${method}`));
      }
      return new Promise((resolve, reject) => {
        const exchange = new Exchange(upstream, request, limits.answerTimeoutMs, resolve, reject);
        if (!exchange.isOver) {
          const options = { method, path: basePath + path, headers };
          try {
            pool.dispatch(body === undefined ? options : { ...options, body }, exchange);
          } catch (cause) {
            exchange.onResponseError(undefined, cause as Error);
          }
        }
      });
    },
    close: () => pool.close(),
  };
}

/** Whether a method may change something, so that it must not be sent twice. */
export function isWrite(method: HttpRequest['method']): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/**
 * One request and its answer, from asking to the answer's last byte.
 *
 * undici's own `request` makes a stream of each answer, which costs more than all else of a small one.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #upstream: UpstreamName;
  readonly #request: HttpRequest;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (failure: UpstreamFailure) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #onLeave: (() => void) | undefined;
  readonly #pieces: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};
  /** Nobody waits for anything more. */
  isOver = false;

  constructor(
    upstream: UpstreamName,
    request: HttpRequest,
    timeoutMs: number,
    resolve: (answer: HttpAnswer) => void,
    reject: (failure: UpstreamFailure) => void,
  ) {
    this.#upstream = upstream;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#stop(tooSlow), timeoutMs);
    const { signal } = request;
    if (signal !== undefined) {
      // V8 puts a function that is written where a property is assigned among what lives long, at once:
      // with all that it leads to, it would be there until everything is collected.
      const onLeave = () => this.#stop(callerLeft);
      this.#onLeave = onLeave;
      signal.addEventListener('abort', onLeave, { once: true });
      if (signal.aborted) {
        this.#stop(callerLeft);
      }
    }
  }

  /** It is handed to a connection that is there: its first byte may leave from now on. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.isOver) {
      controller.abort(callerLeft);
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: HttpAnswer['headers'],
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#pieces.push(piece);
  }

  onResponseEnd(): void {
    if (!this.isOver) {
      this.#end();
      this.#resolve(new HttpAnswer(this.#status, this.#headers, wholeOf(this.#pieces)));
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#fail(error);
  }

  #stop(reason: Error): void {
    // What waits for a connection is not sent any more, and what is under way is cut.
    this.#fail(reason);
    this.#controller?.abort(reason);
  }

  #fail(cause: Error): void {
    if (this.isOver) {
      return;
    }
    this.#end();
    const { method, path } = this.#request;
    const isSent = isWrite(method) && this.#controller !== undefined;
    const kind = isSent ? 'outcome-unknown' : kindOf(cause);
    // The query may hold what a user typed; the path holds none of it.
    const where = `${method} ${path.split('?', 1)[0]}`;
    const upstream = this.#upstream;
    this.#reject(new UpstreamFailure(`${where}: ${reasonOf(cause)}`, { kind, upstream, cause }));
  }

  #end(): void {
    this.isOver = true;
    clearTimeout(this.#timer);
    if (this.#onLeave !== undefined) {
      this.#request.signal?.removeEventListener('abort', this.#onLeave);
    }
  }
}

/** In memory of its own: whoever keeps a small one of Node's pool keeps all that lies beside it. */
function wholeOf(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) {
    return first;
  }
  const whole = Buffer.allocUnsafeSlow(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    at += piece.copy(whole, at);
  }
  return whole;
}

/** Servers take such segments for steps up; none of ours has one, whatever a client has sent. */
const climbing = /(^|\/)(\.|%2e){1,2}(\/|$)/i;

const tooSlow = new Error('the answer took too long');
const callerLeft = new Error('the caller has gone');

function kindOf(error: Error): FailureKind {
  if (error === callerLeft) {
    return 'cancelled';
  }
  if (error === tooSlow) {
    return 'timed-out';
  }
  if (
    error instanceof errors.ResponseExceededMaxSizeError ||
    error instanceof errors.HeadersOverflowError ||
    error instanceof errors.HTTPParserError ||
    error instanceof errors.ResponseContentLengthMismatchError
  ) {
    return 'malformed';
  }
  return 'unavailable';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return 'failed';
  }
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : error.name;
}
