/**
 * The short way in: the common request answered without web-standard Request and Response objects,
 * which cost more than the rest of a small query. The same parser, validation, plugins and caches act
 * as on Yoga's own way; whatever is no common query goes that way.
 */

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql';
import { processRegularResult } from 'graphql-yoga';
import type { openYoga } from './yoga.ts';

/** What of a request plugins and the session read. */
class ShortRequest {
  readonly #headers: IncomingHttpHeaders;
  readonly #left = new AbortController();
  readonly headers = { get: (name: string) => this.#header(name) };

  constructor(headers: IncomingHttpHeaders, response: ServerResponse) {
    this.#headers = headers;
    response.once('close', () => {
      if (!response.writableFinished) {
        this.#left.abort();
      }
    });
  }

  /** Fires when the client has gone. */
  get signal(): AbortSignal {
    return this.#left.signal;
  }

  #header(name: string): string | null {
    const value = this.#headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : (value ?? null);
  }
}

/** How answers are typed, by what clients usually say that they accept. */
const answerTypes: Readonly<Record<string, string>> = {
  '': 'application/json',
  '*/*': 'application/json',
  'application/json': 'application/json',
  'application/json, text/plain, */*': 'application/json',
  'application/graphql-response+json': 'application/graphql-response+json',
  'application/graphql-response+json, application/json': 'application/graphql-response+json',
  'application/graphql-response+json,application/json': 'application/graphql-response+json',
};

/** Headers that make a request another than the common one. */
const uncommon = ['origin', 'x-explain', 'x-impersonated-user-uuid', 'content-encoding'];

interface CommonParams {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
}

const isObjectOrNothing = (given: unknown) =>
  given === undefined || (typeof given === 'object' && !Array.isArray(given));

function paramsIn(body: Buffer): CommonParams | undefined {
  let given: unknown;
  try {
    given = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return undefined;
  }
  const { query, variables, operationName, ...more } = given as Record<string, unknown>;
  const isCommon =
    typeof query === 'string' &&
    isObjectOrNothing(variables) &&
    (operationName == null || typeof operationName === 'string') &&
    Object.keys(more).length === 0 &&
    // Answers that come in pieces.
    !/@(defer|stream)\b/.test(query);
  return isCommon ? (given as CommonParams) : undefined;
}

type Result = ExecutionResult & { readonly stringify?: (result: ExecutionResult) => string };

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
  readonly text: string;
}

async function answerOf(
  result: Result,
  type: string,
  { fetchAPI }: ReturnType<typeof openYoga>,
): Promise<Answer> {
  if (!isPlain(result)) {
    // It was executed and logged: Yoga's own way would do both again.
    const response = processRegularResult(result, fetchAPI, type);
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, text: await response.text() };
  }
  const isOneText = result.stringify !== undefined && result.errors === undefined;
  const text = isOneText ? (result.stringify?.(result) ?? '') : JSON.stringify(result);
  return { status: 200, headers: { 'content-type': `${type}; charset=utf-8` }, text };
}

/** @returns whether the request was answered */
export type ShortWay = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
) => Promise<boolean>;

export function shortWay(yoga: ReturnType<typeof openYoga>, endpoint: string): ShortWay {
  return async (request, response, body) => {
    const { headers, url } = request;
    const type = answerTypes[headers.accept ?? ''];
    const isCommon =
      url === endpoint &&
      type !== undefined &&
      /^application\/json(; ?charset=utf-8)?$/i.test(headers['content-type'] ?? '') &&
      uncommon.every((name) => headers[name] === undefined);
    const params = isCommon ? paramsIn(body) : undefined;
    if (params === undefined || type === undefined) {
      return false;
    }
    const result = await resultOf(yoga, request, response, params);
    if (result === undefined || response.destroyed) {
      // Nobody is there any more to whom another way could lead.
      return response.destroyed;
    }
    const { status, headers: own, text } = await answerOf(result, type, yoga);
    response.writeHead(status, { ...own, 'content-length': Buffer.byteLength(text) });
    response.end(text);
    return true;
  };
}

/** Undefined when Yoga has to answer: nothing has come of the operation so far. */
async function resultOf(
  yoga: ReturnType<typeof openYoga>,
  req: IncomingMessage,
  response: ServerResponse,
  params: CommonParams,
): Promise<Result | undefined> {
  const request = new ShortRequest(req.headers, response);
  const context = { req, request, params };
  const way = yoga.getEnveloped(context as unknown as Parameters<typeof yoga.getEnveloped>[0]);
  try {
    const document = way.parse(params.query);
    if (way.validate(way.schema, document).length > 0) {
      return undefined;
    }
    // What is asked for twice must change nothing.
    const kind = getOperationAST(document, params.operationName)?.operation;
    if (kind !== OperationTypeNode.QUERY) {
      return undefined;
    }
    const contextValue = await way.contextFactory();
    return (await way.execute({
      schema: way.schema,
      document,
      contextValue,
      variableValues: params.variables,
      operationName: params.operationName,
    })) as Result;
  } catch {
    // Documents that cannot be parsed, and callers for whom there is no session.
    return undefined;
  }
}
