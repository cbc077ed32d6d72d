/** Inbound HTTP: the GraphQL server and, in order, what acts on each request. */

import { normalizedExecutor } from '@graphql-tools/executor';
import { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { Limits } from '../config.ts';
import type { GraphContext } from '../graph/builder.ts';
import { schema } from '../schema.ts';
import { isTracing } from '../tracing.ts';
import { type Acting, composed, type Execute, useArounds } from './around.ts';
import type { RequestHeaders } from './callers.ts';
import { clientAddresses } from './client-address.ts';
import { useDocumentLimits } from './document-limits.ts';
import type { Documents } from './documents.ts';
import { errorMasker } from './error-masking.ts';
import { explaining, wantsExplanation } from './explain.ts';
import { type Explorer, useExplorer } from './explorer.ts';
import { inputErrors } from './input-errors.ts';
import type { Metrics } from './metrics.ts';
import { observedOperations } from './observed-operations.ts';
import { limitedCost, limitedTime } from './operation-limits.ts';
import { type Manifest, type SharedOperations, useManifest } from './persisted-operations.ts';
import { planned } from './planned-execution.ts';
import { limitedRate, type Others } from './rate-limit.ts';
import type { SharedResult } from './same-query.ts';
import type { OpenSession } from './sessions.ts';
import { sharedQueries } from './shared-queries.ts';
import { traced } from './traced-operations.ts';
import { unchanged } from './unchanged.ts';

export interface YogaOptions {
  /** Where what is parsed is kept. */
  readonly documents: Documents;
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
  readonly req?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}

/** What comes with a request, as far as a session depends on it. */
interface Coming extends ServerContext {
  readonly request: { readonly headers: RequestHeaders };
  readonly params: { readonly extensions?: Readonly<Record<string, unknown>> | null };
}

const endpoint = '/graphql';

/** What cannot be parsed is not asked for again, but by those who want the room. */
const forgotten = { get: () => undefined, set: () => undefined };

/** Yoga, and the parts of its way for whoever goes it otherwise. */
export interface OpenedYoga {
  readonly yoga: ReturnType<typeof createYoga<ServerContext, GraphContext>>;
  /** @throws when there can be no session for this caller */
  readonly openSession: (coming: Coming) => GraphContext['session'];
  /** Executes a query with all that is done around it. Clients may see its result `masked`, and not as it is. */
  readonly execute: Execute;
  readonly masked: (result: SharedResult) => SharedResult;
}

export function openYoga(options: YogaOptions): OpenedYoga {
  const { explains, log, explorer, limits, introspection, manifest, instances } = options;
  const addressOf = clientAddresses(options.trustedProxies);
  const openSession = ({ request, req, params }: Coming) =>
    options.openSession(
      request,
      addressOf(req?.socket?.remoteAddress, request.headers.get('x-forwarded-for')),
      explains && wantsExplanation(request.headers, params.extensions),
    );
  const maskError = errorMasker(log);
  const acting = actingBy(options);
  const arounds = acting.flatMap(({ around }) => around ?? []);
  const yoga = createYoga<ServerContext, GraphContext>({
    schema,
    graphqlEndpoint: endpoint,
    landingPage: false,
    graphiql: false,
    cors: corsOf(options.corsOrigins),
    multipart: false,
    batching: false,
    logging: false,
    maskedErrors: { maskError, isDev: false },
    context: (coming) => ({ session: openSession(coming) }),
    // The door counts bytes before anybody reads them, which costs less.
    maxRequestBodySize: false,
    parserAndValidationCache: { documentCache: options.documents, errorCache: forgotten },
    extraParamNames: manifest === undefined ? [] : ['id', 'documentId'],
    plugins: [
      ...(explorer === undefined ? [] : [useExplorer(explorer, endpoint, explains)]),
      ...(manifest === undefined
        ? []
        : [useManifest(manifest, options.onlyManifest, instances?.documents)]),
      useDocumentLimits(limits, introspection),
      ...acting.flatMap(({ plugin }) => plugin ?? []),
      useArounds(arounds),
    ],
  });
  return {
    yoga,
    openSession,
    // What Yoga executes by, too.
    execute: composed(arounds, normalizedExecutor as Execute),
    masked: (result) => {
      const errors = result.errors?.map(maskError) as SharedResult['errors'];
      return errors === undefined ? result : { ...result, errors };
    },
  };
}

/** In the order of acting: each is around those after it, and has the first word on a subscription. */
function actingBy(options: YogaOptions): readonly Acting[] {
  const { limits, log, metrics, introspection, instances, unchangedBytes } = options;
  return [
    // Before whatever may refuse.
    observedOperations(log, metrics),
    limitedCost(limits.cost),
    ...(Number.isFinite(limits.costPerMinute)
      ? [limitedRate(limits.costPerMinute, instances)]
      : []),
    { around: explaining },
    // Around all that executes.
    ...(isTracing() ? [{ around: traced }] : []),
    sharedQueries(),
    { around: limitedTime(limits.operationMs) },
    ...(unchangedBytes > 0 ? [{ around: unchanged(unchangedBytes) }] : []),
    { around: planned },
    inputErrors(introspection),
  ];
}

/** No site may read answers that is not named; none may use a browser's own credentials. */
function corsOf(origins: readonly string[]) {
  return origins.length === 0
    ? (false as const)
    : { origin: [...origins], methods: ['GET', 'POST'], credentials: false, maxAge: 600 };
}
