/** What every request meets first: whether it may come in at all, and how much it may bring. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
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
}

/** A client's own, when it is one that logs can hold. */
const requestId = /^[\w.:-]{1,128}$/;

/** Gives the request an id, if it brings none. */
function identify(request: IncomingMessage): void {
  const given = request.headers['x-request-id'];
  const isFine = typeof given === 'string' && requestId.test(given);
  request.headers['x-request-id'] = isFine ? given : randomUUID();
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

/** Answers with an error in GraphQL's form, before anybody has read the request. */
function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) {
    return;
  }
  const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  response.writeHead(status, {
    'content-type': 'application/graphql-response+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    // What is left of a body that nobody reads would be taken for the next request.
    connection: 'close',
    ...headers,
  });
  response.end(body);
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

/** The same for requests of one caller that ask for the same. */
function kindOf({ headers }: IncomingMessage, text: string): string {
  return `${headers.authorization} ${headers['x-danube-api-key']} ${text}`;
}

/** The whole body: null once it is larger than it may be, undefined when the client leaves. */
function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer | null | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    return Promise.resolve(null);
  }
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const onData = (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > maxBytes) {
        request.off('data', onData);
        request.pause();
        resolve(null);
      } else {
        pieces.push(piece);
      }
    };
    request.on('data', onData);
    request.once('end', () =>
      resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)),
    );
    request.once('error', () => resolve(undefined));
    // Comes at the end of every request; only the first word counts.
    request.once('close', () => resolve(undefined));
  });
}

/**
 * Lets requests through to `inside`, with their bodies read.
 *
 * Operators are answered first, whatever else is going on. Refused are: bodies
 * that are too large (413), or no JSON (415); queries by GET that a link or an image of another site
 * could send (403); everything while the process cannot keep up, or is about to end (503). Queries wait
 * for their turn.
 */
export function frontDoor(inside: Handler, options: DoorOptions): Handler {
  const { maxBodyBytes, load, turnstile, operators, isLeaving, home, onResponse } = options;
  const inTurn = async (
    { headers }: IncomingMessage,
    response: ServerResponse,
    kind: unknown,
    answer: () => unknown,
  ) => {
    const isStream = streams.test(headers.accept ?? '');
    await turnstile.enter(kind);
    if (isStream) {
      // It is under way for as long as its client likes.
      turnstile.leave(kind);
    }
    try {
      if (!response.destroyed) {
        await answer();
      }
    } finally {
      if (!isStream) {
        turnstile.leave(kind);
      }
    }
  };
  return async (request, response) => {
    if (operatorPaths.test(request.url ?? '') && (await operators(request, response))) {
      return;
    }
    identify(request);
    response.once('close', () =>
      onResponse(response.writableFinished ? response.statusCode : clientLeft),
    );
    if (request.method !== 'POST') {
      tellId(request, response);
    }
    if (isLeaving() || load.isTooHigh()) {
      tellId(request, response);
      refuse(response, 503, 'UNAVAILABLE', 'The gateway cannot answer now. Retry later.', {
        'retry-after': '1',
      });
      return;
    }
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (request.url === '/' && home !== undefined) {
        welcome(response, home);
        return;
      }
      const isQuery = /[?&](query|extensions|id|doc_id|documentId)=/.test(request.url ?? '');
      if (isQuery && !preflightHeaders.some((name) => request.headers[name] !== undefined)) {
        const message = `A query by GET needs a header such as ${preflightHeaders[1]}: true.`;
        refuse(response, 403, 'CSRF', message);
        return;
      }
      await (isQuery
        ? inTurn(request, response, request, () => inside(request, response))
        : inside(request, response));
      return;
    }
    if (request.method === 'POST') {
      if (!bodyType.test(request.headers['content-type'] ?? '')) {
        tellId(request, response);
        refuse(response, 415, 'UNSUPPORTED_MEDIA_TYPE', 'The body has to be application/json.', {
          accept: 'application/json',
        });
        return;
      }
      const body = await bodyOf(request, maxBodyBytes);
      if (body === undefined) {
        return;
      }
      if (body === null) {
        tellId(request, response);
        const message = `The body may have at most ${maxBodyBytes} bytes.`;
        refuse(response, 413, 'LIMIT_EXCEEDED', message);
        return;
      }
      const text = body.toString('utf8');
      await inTurn(request, response, kindOf(request, text), async () => {
        if (options.shortWay !== undefined && (await options.shortWay(request, response, text))) {
          return;
        }
        tellId(request, response);
        // Nothing at all would be waited for.
        Object.assign(request, { body: body.length === 0 ? Buffer.from(' ') : body });
        await inside(request, response);
      });
      return;
    }
    await inside(request, response);
  };
}
