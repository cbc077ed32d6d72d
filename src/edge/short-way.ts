/**
 * The short way in: the common request answered without web-standard Request and Response objects,
 * which cost more than the rest of a small query. The same parser, validation, plugins and caches act
 * as on Yoga's own way; whatever is no common query goes that way.
 */

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { processRegularResult } from 'graphql-yoga';
import { schema } from '../schema.ts';
import type { Session } from '../session/session.ts';
import { Stop, type StopSignal } from '../upstream/http/stop.ts';
import { type AnswerType, answerTypeFor } from './answer-type.ts';
import type { Args } from './around.ts';
import { CommonBodies } from './common-bodies.ts';
import type { Documents } from './documents.ts';
import type { Outbox } from './outbox.ts';
import { Prepared } from './prepared.ts';
import type { SharedResult as Result } from './same-query.ts';
import type { OpenedYoga } from './yoga.ts';

/** What of a request plugins and the session read. */
class ShortRequest {
  readonly queryKey: string;
  readonly headers: ShortHeaders;
  readonly #response: ServerResponse;
  #left: Stop | undefined;

  constructor(queryKey: string, headers: IncomingHttpHeaders, response: ServerResponse) {
    this.queryKey = queryKey;
    this.headers = new ShortHeaders(headers);
    this.#response = response;
  }

  /** Fires when the client has gone. */
  get signal(): StopSignal {
    if (this.#left === undefined) {
      const left = new Stop();
      const response = this.#response;
      const onClose = () => {
        if (!response.writableFinished) {
          left.abort();
        }
      };
      response.on('close', onClose);
      if (response.destroyed) {
        onClose();
      }
      this.#left = left;
    }
    return this.#left;
  }
}

class ShortHeaders {
  readonly #given: IncomingHttpHeaders;

  constructor(given: IncomingHttpHeaders) {
    this.#given = given;
  }

  get(name: string): string | null {
    const value = this.#given[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : (value ?? null);
  }
}

/** Headers that make a request another than the common one. */
const uncommon = ['origin', 'x-explain', 'x-impersonated-user-uuid', 'content-encoding'];

const commonType = /^application\/json(; ?charset=utf-8)?$/i;

/** Whether the answer has neither a status nor headers of its own. */
function isPlain({ data, errors, extensions }: Result): boolean {
  return (
    data !== undefined &&
    extensions?.http === undefined &&
    (errors ?? []).every(
      ({ extensions: of }) => of.http === undefined && of.unexpected === undefined,
    )
  );
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: string | Buffer;
}

const plainHeaders: Readonly<Record<AnswerType, Answer['headers']>> = {
  'application/json': { 'content-type': 'application/json; charset=utf-8' },
  'application/graphql-response+json': {
    'content-type': 'application/graphql-response+json; charset=utf-8',
  },
};

function plainAnswer(result: Result, type: AnswerType): Answer {
  const isOne = result.encoded !== undefined && result.errors === undefined;
  const bytes = isOne ? result.encoded(result) : JSON.stringify(result);
  return { status: 200, headers: plainHeaders[type], bytes };
}

/** Of a result that was executed and logged: all of Yoga's own way would do both again. */
async function ownAnswer(
  result: Result,
  type: AnswerType,
  { fetchAPI }: OpenedYoga['yoga'],
): Promise<Answer> {
  const response = processRegularResult(result, fetchAPI, type);
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, bytes: await response.text() };
}

function write(
  response: ServerResponse,
  { status, headers, bytes }: Answer,
  requestId: unknown,
): void {
  try {
    response.writeHead(status, {
      ...headers,
      'x-request-id': String(requestId),
      'content-length': Buffer.byteLength(bytes),
    });
    response.end(bytes);
  } catch {
    // Others have still to get theirs.
    response.destroy();
  }
}

/** @returns undefined where nothing was done: the request is no common one */
export type ShortWay = (
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
) => Promise<void> | undefined;

/** @param documents - where Yoga keeps what it has parsed */
export function shortWay(
  { yoga, openSession, execute, masked }: OpenedYoga,
  documents: Documents,
  outbox: Outbox,
  endpoint: string,
): ShortWay {
  const bodies = new CommonBodies();
  const prepared = new Prepared(yoga, documents);
  const answer = async (
    args: Args,
    response: ServerResponse,
    type: AnswerType,
    requestId: unknown,
  ) => {
    const result = masked(await execute(args));
    if (!response.destroyed) {
      const written = isPlain(result)
        ? plainAnswer(result, type)
        : await ownAnswer(result, type, yoga);
      outbox.add(() => write(response, written, requestId));
    }
  };
  return (request, response, text) => {
    const { headers, url } = request;
    const type = answerTypeFor(headers.accept);
    const isCommon =
      url === endpoint &&
      type !== undefined &&
      commonType.test(headers['content-type'] ?? '') &&
      uncommon.every((name) => headers[name] === undefined);
    const body = isCommon ? bodies.read(text) : undefined;
    if (body === undefined || type === undefined) {
      return undefined;
    }
    const { key, params } = body;
    const { query, operationName = null, variables = null } = params;
    const coming = { req: request, request: new ShortRequest(key, headers, response), params };
    const document = prepared.query(query, operationName, coming);
    if (document === undefined) {
      return undefined;
    }
    let session: Session;
    try {
      session = openSession(coming);
    } catch {
      // There is none for this caller: Yoga tells why.
      return undefined;
    }
    const contextValue = { ...coming, session };
    const args = { schema, document, contextValue, variableValues: variables, operationName };
    return answer(args, response, type, headers['x-request-id']);
  };
}
