/** The only place that decides what a client is told of an error. */

import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { UpstreamFailure } from '../failure.ts';
import { shownFailures } from '../graph/failures.ts';

/**
 * A masker: upstream failures become their code, the gateway's own refusals pass, and everything else
 * is logged under an id, which is all that the client gets of it.
 */
export function errorMasker(log: Logger) {
  return (error: unknown): Error => {
    const cause = error instanceof GraphQLError ? error.originalError : error;
    if (cause instanceof UpstreamFailure) {
      log.debug({ err: cause }, 'upstream failure');
      return shownFailure(cause, error);
    }
    if (error instanceof GraphQLError && isOwn(error)) {
      return error;
    }
    const errorId = randomUUID();
    log.error({ err: cause ?? error, errorId }, 'unexpected error');
    return new GraphQLError('Unexpected error.', {
      ...placeOf(error),
      extensions: { code: 'INTERNAL_SERVER_ERROR', errorId },
    });
  };
}

/** The code that a client is told of an error, masked by now or not. */
export function codeOf(error: unknown): string {
  const cause = error instanceof GraphQLError ? error.originalError : error;
  if (cause instanceof UpstreamFailure) {
    return shownFailures[cause.kind].code;
  }
  const { extensions } = error as { readonly extensions?: { readonly code?: unknown } };
  const code = extensions?.code;
  if (typeof code === 'string') {
    return code;
  }
  return error instanceof GraphQLError && isOwn(error) ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR';
}

/** Thrown as a GraphQLError on purpose, here or by the GraphQL engine. */
function isOwn(error: GraphQLError): boolean {
  return error.originalError === undefined || error.originalError instanceof GraphQLError;
}

function shownFailure(failure: UpstreamFailure, error: unknown): GraphQLError {
  const { code, message } = shownFailures[failure.kind];
  const complaints = failure.issues.map(({ path, message: text }) =>
    path.length === 0 ? text : `${path.join('.')}: ${text}`,
  );
  return new GraphQLError(
    complaints.length === 0 ? message : `${message} ${complaints.join(' ')}`,
    {
      ...placeOf(error),
      extensions: {
        code,
        upstream: failure.upstream,
        ...(failure.retryAfterMs === undefined
          ? {}
          : { retryAfterSeconds: Math.ceil(failure.retryAfterMs / 1000) }),
        ...(failure.recipe === undefined ? {} : { recipe: failure.recipe }),
      },
    },
  );
}

function placeOf(error: unknown) {
  return error instanceof GraphQLError
    ? {
        nodes: error.nodes ?? null,
        source: error.source ?? null,
        positions: error.positions ?? null,
        path: error.path ?? null,
      }
    : {};
}
