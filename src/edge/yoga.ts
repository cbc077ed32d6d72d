/** Inbound HTTP: the GraphQL server and, in order, what acts on each request. */

import { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { Limits } from '../config.ts';
import type { GraphContext } from '../graph/builder.ts';
import { schema } from '../schema.ts';
import { isTracing } from '../tracing.ts';
import { clientAddresses } from './client-address.ts';
import { useDocumentLimits } from './document-limits.ts';
import type { Documents } from './documents.ts';
import { errorMasker } from './error-masking.ts';
import { useExplain, wantsExplanation } from './explain.ts';
import { type Explorer, useExplorer } from './explorer.ts';
import type { Hooks } from './hooks.ts';
import { useInputErrors } from './input-errors.ts';
import type { Metrics } from './metrics.ts';
import { useObservedOperations } from './observed-operations.ts';
import { useCostLimit, useDeadline } from './operation-limits.ts';
import { type Manifest, type SharedOperations, useManifest } from './persisted-operations.ts';
import { usePlannedExecution } from './planned-execution.ts';
import { type Others, useRateLimit } from './rate-limit.ts';
import type { OpenSession } from './sessions.ts';
import { useSharedQueries } from './shared-queries.ts';
import { useTracedOperations } from './traced-operations.ts';
import { useUnchanged } from './unchanged.ts';

export interface YogaOptions {
  /** Where what is parsed is kept. */
  readonly documents: Documents;
  /** Told of all plugins. */
  readonly hooks?: Hooks;
  readonly openSession: OpenSession;
  /** Whether clients may ask how an answer came about. */
  readonly explains: boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** No GraphiQL when absent. */
  readonly explorer: Explorer | undefined;
  readonly limits: Limits;
  /** Whether clients may ask for the schema. */
  readonly introspection: boolean;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  /** Operations that are known beforehand; undefined for none. */
  readonly manifest: Manifest | undefined;
  /** Whether no others are answered. */
  readonly onlyManifest: boolean;
  /** What queries of which nothing changes may take of memory; 0 where each is worked out anew. */
  readonly unchangedBytes: number;
  /** What other instances know and count; undefined where there are none. */
  readonly instances: (Others & { readonly documents: SharedOperations }) | undefined;
}

interface ServerContext {
  readonly req?: { readonly socket?: { readonly remoteAddress?: string } };
}

const endpoint = '/graphql';

/** What cannot be parsed is not asked for again, but by those who want the room. */
const forgotten = { get: () => undefined, set: () => undefined };

export function openYoga(options: YogaOptions) {
  const {
    openSession,
    explains,
    log,
    metrics,
    explorer,
    limits,
    introspection,
    manifest,
    instances,
  } = options;
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
    parserAndValidationCache: { documentCache: options.documents, errorCache: forgotten },
    extraParamNames: manifest === undefined ? [] : ['id', 'documentId'],
    plugins: [
      ...(options.hooks === undefined ? [] : [options.hooks.plugin]),
      ...(explorer === undefined ? [] : [useExplorer(explorer, endpoint, explains)]),
      ...(manifest === undefined
        ? []
        : [useManifest(manifest, options.onlyManifest, instances?.documents)]),
      // Before whatever may refuse.
      useObservedOperations(log, metrics),
      useDocumentLimits(limits, introspection),
      useInputErrors(introspection),
      useCostLimit(limits.cost),
      ...(Number.isFinite(limits.costPerMinute)
        ? [useRateLimit(limits.costPerMinute, instances)]
        : []),
      useExplain(),
      usePlannedExecution(),
      ...(options.unchangedBytes > 0 ? [useUnchanged(options.unchangedBytes)] : []),
      useDeadline(limits.operationMs),
      useSharedQueries(),
      // Around all that executes.
      ...(isTracing() ? [useTracedOperations()] : []),
    ],
  });
}

/** No site may read answers that is not named; none may use a browser's own credentials. */
function corsOf(origins: readonly string[]) {
  return origins.length === 0
    ? (false as const)
    : { origin: [...origins], methods: ['GET', 'POST'], credentials: false, maxAge: 600 };
}
