/** Inbound HTTP: the GraphQL server and, in order, what acts on each request. */

import { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { Limits, Persisted } from '../config.ts';
import type { GraphContext } from '../graph/builder.ts';
import { schema } from '../schema.ts';
import type { Session } from '../session/session.ts';
import { useAccessLog } from './access-log.ts';
import { clientAddresses } from './client-address.ts';
import { useDocumentLimits } from './document-limits.ts';
import { errorMasker } from './error-masking.ts';
import { useExplain, wantsExplanation } from './explain.ts';
import { type Explorer, useExplorer } from './explorer.ts';
import { useInputErrors } from './input-errors.ts';
import { useOperationLimits } from './operation-limits.ts';
import { useManifest } from './persisted-operations.ts';
import { useRateLimit } from './rate-limit.ts';
import { useSharedQueries } from './shared-queries.ts';

export interface YogaOptions {
  /**
   * A request's session.
   *
   * @param address - the client's, as the socket and the proxies that are believed tell
   * @param isExplained - whether the client asked how the answer comes about
   */
  readonly openSession: (
    request: Request,
    address: string | undefined,
    isExplained: boolean,
  ) => Session;
  /** Whether clients may ask how an answer came about. */
  readonly explains: boolean;
  readonly log: Logger;
  /** No GraphiQL when absent. */
  readonly explorer: Explorer | undefined;
  readonly limits: Limits;
  /** Whether clients may ask for the schema. */
  readonly introspection: boolean;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly persisted: Persisted;
}

interface ServerContext {
  readonly req?: { readonly socket?: { readonly remoteAddress?: string } };
}

const endpoint = '/graphql';

/** @throws {ConfigError} when the manifest of persisted operations cannot be used */
export function openYoga(options: YogaOptions) {
  const { openSession, explains, log, explorer, limits, introspection, persisted } = options;
  const { manifest, only } = persisted;
  const addressOf = clientAddresses(options.trustedProxies);
  return createYoga<ServerContext, GraphContext>({
    schema,
    graphqlEndpoint: endpoint,
    landingPage: false,
    graphiql: false,
    cors: corsOf(options.corsOrigins),
    multipart: false,
    batching: false,
    logging: false,
    maskedErrors: { maskError: errorMasker(log), isDev: false },
    context: ({ request, req, params }) => ({
      session: openSession(
        request,
        addressOf(req?.socket?.remoteAddress, request.headers.get('x-forwarded-for')),
        explains && wantsExplanation(request.headers, params.extensions),
      ),
    }),
    // The door counts bytes before anybody reads them, which costs less.
    maxRequestBodySize: false,
    extraParamNames: manifest === undefined ? [] : ['id', 'documentId'],
    plugins: [
      ...(explorer === undefined ? [] : [useExplorer(explorer, endpoint, explains)]),
      ...(manifest === undefined ? [] : [useManifest(manifest, only)]),
      useDocumentLimits(limits, introspection),
      useInputErrors(),
      useOperationLimits({ cost: limits.cost, timeoutMs: limits.operationMs }),
      ...(Number.isFinite(limits.costPerMinute) ? [useRateLimit(limits.costPerMinute)] : []),
      useAccessLog(log),
      useExplain(),
      useSharedQueries(),
    ],
  });
}

/** No site may read answers that is not named; none may use a browser's own credentials. */
function corsOf(origins: readonly string[]) {
  return origins.length === 0
    ? (false as const)
    : { origin: [...origins], methods: ['GET', 'POST'], credentials: false, maxAge: 600 };
}
