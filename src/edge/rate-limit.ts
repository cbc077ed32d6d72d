/** What one caller may ask in a minute, by cost. */

import { type ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { GraphContext } from '../graph/builder.ts';
import { costOfOperation } from './operation-limits.ts';
import type { SharedResult } from './shared-queries.ts';

const windowSeconds = 60;

/** As clients see it, in costs and seconds. */
interface Allowance {
  readonly limit: number;
  readonly cost: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** Other instances, who count the same. */
export interface Others {
  /** How many there are, this one among them. */
  readonly size: number;
  /** @returns undefined when they cannot be asked */
  readonly consume: (
    key: string,
    points: number,
    limit: number,
    windowSeconds: number,
  ) => Promise<RateLimiterRes | undefined>;
}

/** Counts in this process alone, a share of what all instances allow together. */
function limiterFor(limit: number, size: () => number) {
  const limiter = new RateLimiterMemory({ points: limit, duration: windowSeconds });
  return async (key: string, points: number) => {
    const share = Math.max(1, Math.floor(limit / size()));
    limiter.points = share;
    const state = await limiter
      .consume(key, points)
      .catch((reason: unknown) => (reason instanceof RateLimiterRes ? reason : null));
    return { state, share };
  };
}

/**
 * Counts what each caller's operations may cost, and refuses what goes beyond: RATE_LIMITED, with
 * `Retry-After`. How much is left is in `RateLimit-…` headers and in `extensions.rateLimit`.
 */
export function useRateLimit(limit: number, instances: Others | undefined): Plugin<GraphContext> {
  const alone = limiterFor(limit, () => instances?.size ?? 1);
  const allowances = new WeakMap<Request, Allowance>();
  const consume = async (args: ExecutionArgs): Promise<Allowance | GraphQLError> => {
    const { session, request } = args.contextValue as GraphContext & { readonly request: Request };
    const cost = costOfOperation(args);
    const together = await instances?.consume(session.caller, cost, limit, windowSeconds);
    const { state, share } =
      together === undefined
        ? await alone(session.caller, cost)
        : { state: together, share: limit };
    const resetSeconds = Math.ceil((state?.msBeforeNext ?? 0) / 1_000);
    const isOver = (state?.consumedPoints ?? 0) > share;
    const remaining = Math.max(0, state?.remainingPoints ?? share);
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
            // The text that several get of one result would tell all of them what the first has left.
            const { stringify: _, encoded: __, ...own } = result as SharedResult;
            setResult({ ...own, extensions: { ...own.extensions, rateLimit: found } });
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
