/** Inbound HTTP: the GraphQL server and, in order, what acts on each request. */

import { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { GraphContext } from '../graph/builder.ts';
import { schema } from '../schema.ts';
import type { Session } from '../session/session.ts';
import { useAccessLog } from './access-log.ts';
import { errorMasker } from './error-masking.ts';
import { useExplain, wantsExplanation } from './explain.ts';
import { type Explorer, explorerOptions, renderExplorer } from './explorer.ts';
import { useInputErrors } from './input-errors.ts';
import { useSharedQueries } from './shared-queries.ts';

export interface YogaOptions {
  /**
   * A request's session.
   *
   * @param address - the client's, as the socket tells
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
}

interface ServerContext {
  readonly req?: { readonly socket?: { readonly remoteAddress?: string } };
}

export function openYoga({ openSession, explains, log, explorer }: YogaOptions) {
  return createYoga<ServerContext, GraphContext>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: explorer === undefined ? false : explorerOptions(explorer),
    renderGraphiQL: renderExplorer,
    cors: false,
    multipart: false,
    batching: false,
    logging: false,
    maskedErrors: { maskError: errorMasker(log), isDev: false },
    context: ({ request, req, params }) => ({
      session: openSession(
        request,
        req?.socket?.remoteAddress,
        explains && wantsExplanation(request.headers, params.extensions),
      ),
    }),
    plugins: [useInputErrors(), useAccessLog(log), useExplain(), useSharedQueries()],
  });
}
