/** One exchange with an upstream's origin. The only file that knows undici. */

import { type Dispatcher, errors, Pool } from 'undici';
import { type FailureKind, UpstreamFailure, type UpstreamName } from '../../failure.ts';

export interface HttpLimits {
  readonly connectTimeoutMs: number;
  /** From the request's end to the answer's headers. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of the body. */
  readonly bodyTimeoutMs: number;
  /** From the call to the answer's last byte. */
  readonly answerTimeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly connections: number;
}

export const defaultHttpLimits: HttpLimits = {
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 20_000,
  bodyTimeoutMs: 10_000,
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
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; repeated ones joined. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** UTF-8; empty for HEAD. */
  readonly text: string;
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
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyTimeoutMs,
    maxResponseSize: limits.maxAnswerBytes,
  });

  return {
    url: url.origin + basePath,
    host: url.host,
    basePath,
    async send({ method, path, headers, body, signal }) {
      if (climbing.test(path.split('?', 1)[0] ?? '')) {
        throw new Error(`a path that leads out of itself: ${method}`);
      }
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(tooSlow), limits.answerTimeoutMs);
      const onAbort = () => stop.abort(callerLeft);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (signal?.aborted) {
        onAbort();
      }
      let isSent = false;
      const dispatcher = isWrite(method)
        ? pool.compose(
            noting(() => {
              isSent = true;
            }),
          )
        : pool;
      try {
        const answer = await dispatcher.request({
          method,
          path: basePath + path,
          headers,
          signal: stop.signal,
          ...(body === undefined ? {} : { body }),
        });
        return {
          status: answer.statusCode,
          headers: answer.headers,
          text: await answer.body.text(),
        };
      } catch (cause) {
        const kind = isSent ? 'outcome-unknown' : kindOf(cause, stop.signal);
        // The query may hold what a user typed; the path holds none of it.
        const where = `${method} ${path.split('?', 1)[0]}`;
        throw new UpstreamFailure(`${where}: ${reasonOf(cause)}`, { kind, upstream, cause });
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      }
    },
    close: () => pool.close(),
  };
}

/** Whether a method may change something, so that it must not be sent twice. */
export function isWrite(method: HttpRequest['method']): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** Tells when a request is handed to a connection that is there. */
function noting(onSent: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(...given) {
        onSent();
        handler.onRequestStart?.(...given);
      },
      onResponseStart: (...given) => handler.onResponseStart?.(...given),
      onResponseData: (...given) => handler.onResponseData?.(...given),
      onResponseEnd: (...given) => handler.onResponseEnd?.(...given),
      onResponseError: (...given) => handler.onResponseError?.(...given),
    });
}

/** Servers take such segments for steps up; none of ours has one, whatever a client has sent. */
const climbing = /(^|\/)(\.|%2e){1,2}(\/|$)/i;

const tooSlow = new Error('the answer took too long');
const callerLeft = new Error('the caller has gone');

function kindOf(error: unknown, signal: AbortSignal): FailureKind {
  if (signal.aborted) {
    return signal.reason === callerLeft ? 'cancelled' : 'timed-out';
  }
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
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
