/** What every request meets first: whether it may come in at all, and how much it may bring. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerTypeFor } from './answer-type.ts';
import { readBody } from './body.ts';
import { limitExceeded } from './document-limits.ts';
import type { Door, OnFailed } from './listener.ts';
import type { Load } from './load.ts';
import type { OperatorDoor } from './operator-door.ts';
import type { ShortWay } from './short-way.ts';
import type { Turnstile } from './turnstile.ts';

export interface DoorOptions {
  /** Of a request's body, in bytes. */
  readonly maxBodyBytes: number;
  readonly load: Load;
  /** Passed by whatever is a query. */
  readonly turnstile: Turnstile;
  /** Tried before anything else. */
  readonly operators: OperatorDoor;
  /** Whether the process is about to end. */
  readonly isLeaving: () => boolean;
  /** Tried first for whatever brings a body; absent for none. */
  readonly shortWay?: ShortWay | undefined;
  /** The page at `/`, as HTML, or where `/` leads; undefined for neither. */
  readonly home: (() => string) | string | undefined;
  /** Told of each answer's HTTP status. */
  readonly onResponse: (status: number) => void;
  /** Told of whatever is refused here, with the request's id. */
  readonly onRefused: (code: string, requestId: string) => void;
  /** Sites whose pages may read answers. */
  readonly corsOrigins: readonly string[];
}

/** A client's own, when it is one that logs can hold. */
const requestId = /^[\w.:-]{1,128}$/;

/**
 * Gives the request an id, if it brings none, and a host of no meaning: Yoga answers one that is none with its
 * own stack, and nothing here depends on it.
 */
function identify(request: IncomingMessage): void {
  const given = request.headers['x-request-id'];
  const isFine = typeof given === 'string' && requestId.test(given);
  request.headers['x-request-id'] = isFine ? given : randomUUID();
  request.headers.host = 'gateway';
}

/** Gives the answer the request's id. The short way does so itself. */
function tellId({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('x-request-id', headers['x-request-id'] ?? '');
}

/** As web servers count answers that nobody was there for. */
const clientLeft = 499;
/** Nothing is waited for on the way to anything else. */
const operatorPaths = /^\/(health\/|metrics(\?|$))/;

/** What is accepted by whoever takes an answer in parts. */
const streams = /event-stream|multipart/i;
/** What may be answered in parts; operations that are known beforehand do not tell. */
const streamed = /subscription|@defer|@stream|"(id|documentId|extensions)"/;
/** Methods that change nothing. */
const reads = /^(GET|HEAD)$/;

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Bodies are JSON and nothing else: browsers send other types without asking. */
const bodyType = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;
/** Whoever can set one of these is no form and no image of another site. */
const preflightHeaders = [
  'x-graphql-yoga-csrf',
  'apollo-require-preflight',
  'graphql-require-preflight',
  'x-apollo-operation-name',
];

/** Why a request is not let in. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function welcome(response: ServerResponse, home: (() => string) | string): void {
  if (typeof home === 'string') {
    response.writeHead(302, { location: home });
    response.end();
    return;
  }
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-store',
  });
  response.end(home());
}

/** The parameter that should be JSON, and is none: Yoga would take it for a fault of its own. */
function unreadableIn(url: string): string | undefined {
  const parameters = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  return ['variables', 'extensions'].find((name) => {
    try {
      JSON.parse(parameters.get(name) || 'null');
      return false;
    } catch {
      return true;
    }
  });
}

/** The same for requests of one caller that ask for the same. */
function kindOf({ headers }: IncomingMessage, text: string): string {
  return `${headers.authorization} ${headers['x-danube-api-key']} ${text}`;
}

/** Answers with errors in GraphQL's form, before anybody has read the request. */
function refuser({ onRefused, corsOrigins }: DoorOptions) {
  return (request: IncomingMessage, response: ServerResponse, refusal: Refusal): void => {
    if (response.destroyed || response.headersSent) {
      return;
    }
    const { status, code, message, headers } = refusal;
    const { accept, origin = '' } = request.headers;
    const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
    tellId(request, response);
    onRefused(code, String(response.getHeader('x-request-id')));
    response.writeHead(status, {
      'content-type': `${answerTypeFor(accept) ?? 'application/json'}; charset=utf-8`,
      'content-length': String(Buffer.byteLength(body)),
      // What is left of a body that nobody reads would be taken for the next request.
      connection: 'close',
      ...(corsOrigins.includes(origin)
        ? { 'access-control-allow-origin': origin, vary: 'Origin' }
        : {}),
      ...headers,
    });
    response.end(body);
  };
}

/**
 * Lets requests through to `inside`, with their bodies read.
 *
 * Operators are answered first, whatever else is going on. Refused are: bodies
 * that are too large (413), or no JSON (415); queries by GET that a link or an image of another site
 * could send (403); everything while the process cannot keep up, or is about to end (503). Queries wait
 * for their turn.
 */
export function frontDoor(inside: Handler, options: DoorOptions): Door {
  const { maxBodyBytes, load, turnstile, operators, isLeaving, home, onResponse } = options;
  const refuse = refuser(options);
  const inTurn = (
    response: ServerResponse,
    kind: unknown,
    isStream: boolean,
    answer: () => unknown,
    onFailed: OnFailed,
  ) => {
    turnstile.enter(kind, async () => {
      if (isStream) {
        // It is under way for as long as its client likes.
        turnstile.leave(kind);
      }
      try {
        if (!response.destroyed) {
          await answer();
        }
      } catch (reason) {
        onFailed(reason);
      } finally {
        if (!isStream) {
          turnstile.leave(kind);
        }
      }
    });
  };
  const answerText = (
    request: IncomingMessage,
    response: ServerResponse,
    text: string,
    body: Buffer,
  ): unknown => {
    const answering = options.shortWay?.(request, response, text);
    if (answering !== undefined) {
      return answering;
    }
    tellId(request, response);
    // Nothing at all would be waited for.
    Object.assign(request, { body: body.length === 0 ? Buffer.from(' ') : body });
    return inside(request, response);
  };
  const answerPost: Door = (request, response, onFailed) => {
    const { headers } = request;
    if (!bodyType.test(headers['content-type'] ?? '')) {
      refuse(request, response, {
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
        message: 'The body has to be application/json.',
        headers: { accept: 'application/json' },
      });
      return;
    }
    readBody(request, maxBodyBytes, (body) => {
      if (body === null) {
        const message = `The body may have at most ${maxBodyBytes} bytes.`;
        refuse(request, response, { status: 413, code: limitExceeded, message });
        return;
      }
      const text = body.toString('utf8');
      // Some clients accept streams whatever they ask.
      const isStream = streams.test(headers.accept ?? '') && streamed.test(text);
      const answer = () => answerText(request, response, text, body);
      inTurn(response, kindOf(request, text), isStream, answer, onFailed);
    });
  };
  const letIn: Door = (request, response, onFailed) => {
    identify(request);
    response.on('close', () =>
      onResponse(response.writableFinished ? response.statusCode : clientLeft),
    );
    if (isLeaving() || load.isTooHigh()) {
      refuse(request, response, {
        status: 503,
        code: 'UNAVAILABLE',
        message: 'The gateway cannot answer now. Retry later.',
        headers: { 'retry-after': '1' },
      });
      return;
    }
    if (request.method === 'POST') {
      answerPost(request, response, onFailed);
      return;
    }
    tellId(request, response);
    if (request.url === '/' && reads.test(request.method ?? '') && home !== undefined) {
      welcome(response, home);
      return;
    }
    if (!reads.test(request.method ?? '') || request.url?.includes('?') !== true) {
      Promise.resolve(inside(request, response)).catch(onFailed);
      return;
    }
    // Whatever has parameters may be a query, in one of the many ways to write their names.
    if (!preflightHeaders.some((name) => request.headers[name] !== undefined)) {
      refuse(request, response, {
        status: 403,
        code: 'CSRF',
        message: `A query by GET needs a header such as ${preflightHeaders[1]}: true.`,
      });
      return;
    }
    const unreadable = unreadableIn(request.url);
    if (unreadable !== undefined) {
      refuse(request, response, {
        status: 400,
        code: 'BAD_REQUEST',
        message: `The parameter ${unreadable} has to be JSON.`,
      });
      return;
    }
    const isStream = streams.test(request.headers.accept ?? '');
    inTurn(response, request, isStream, () => inside(request, response), onFailed);
  };
  const askOperators = async (...[request, response, onFailed]: Parameters<Door>) => {
    if (!(await operators(request, response))) {
      letIn(request, response, onFailed);
    }
  };
  return (request, response, onFailed) => {
    if (operatorPaths.test(request.url ?? '')) {
      askOperators(request, response, onFailed).catch(onFailed);
    } else {
      letIn(request, response, onFailed);
    }
  };
}
