/** What one caller may ask in a minute, by cost. */

import { type ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { GraphContext } from '../graph/builder.ts';
import { costOfOperation } from './operation-limits.ts';

const windowSeconds = 60;

/** As clients see it, in costs and seconds. */
interface Allowance {
  readonly limit: number;
  readonly cost: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/**
 * Counts what each caller's operations may cost, and refuses what goes beyond: RATE_LIMITED, with
 * `Retry-After`. How much is left is in `RateLimit-…` headers and in `extensions.rateLimit`.
 */
export function useRateLimit(limit: number): Plugin<GraphContext> {
  const limiter = new RateLimiterMemory({ points: limit, duration: windowSeconds });
  const allowances = new WeakMap<Request, Allowance>();
  const consume = async (args: ExecutionArgs): Promise<Allowance | GraphQLError> => {
    const { session, request } = args.contextValue as GraphContext & { readonly request: Request };
    const cost = costOfOperation(args);
    const state = await limiter
      .consume(session.caller, cost)
      .catch((reason: unknown) => (reason instanceof RateLimiterRes ? reason : null));
    const resetSeconds = Math.ceil((state?.msBeforeNext ?? 0) / 1_000);
    const isOver = (state?.consumedPoints ?? 0) > limit;
    const remaining = Math.max(0, state?.remainingPoints ?? limit);
    allowances.set(request, { limit, cost, remaining, resetSeconds });
    return isOver
      ? new GraphQLError('You have asked for too much in this minute. Retry later.', {
          extensions: {
            code: 'RATE_LIMITED',
            retryAfterSeconds: resetSeconds,
            http: { headers: { 'retry-after': String(resetSeconds) } },
          },
        })
      : { limit, cost, remaining, resetSeconds };
  };
  return {
    async onSubscribe({ args, setResultAndStopExecution }) {
      const found = await consume(args);
      if (found instanceof GraphQLError) {
        setResultAndStopExecution({ errors: [found] });
      }
    },
    async onExecute({ args, setResultAndStopExecution }) {
      const found = await consume(args);
      if (found instanceof GraphQLError) {
        setResultAndStopExecution({ errors: [found] });
        return undefined;
      }
      return {
        onExecuteDone: ({ result, setResult }) => {
          if (!(Symbol.asyncIterator in result)) {
            setResult({ ...result, extensions: { ...result.extensions, rateLimit: found } });
          }
        },
      };
    },
    onResponse({ request, response }) {
      const found = allowances.get(request);
      if (found !== undefined) {
        response.headers.set('ratelimit-limit', String(found.limit));
        response.headers.set('ratelimit-remaining', String(found.remaining));
        response.headers.set('ratelimit-reset', String(found.resetSeconds));
      }
    },
  };
}
