/** What one caller may ask in a minute, by cost. */

import { type ExecutionArgs, GraphQLError } from 'graphql';
import type { RateLimiterRes } from 'rate-limiter-flexible';
import type { GraphContext } from '../graph/builder.ts';
import type { Acting } from './around.ts';
import { costOfOperation } from './operation-limits.ts';
import { OwnAllowances } from './own-allowances.ts';

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

/**
 * Counts what the operations of each payer may cost, and refuses what goes beyond for any payer of a
 * request: RATE_LIMITED, with `Retry-After`. How much is left is in `RateLimit-…` headers and in
 * `extensions.rateLimit`.
 */
export function limitedRate(limit: number, instances: Others | undefined): Acting {
  const alone = new OwnAllowances(limit, windowSeconds, () => instances?.size ?? 1);
  const allowances = new WeakMap<Request, Allowance>();
  const count = async (payer: string, cost: number) => {
    const together = await instances?.consume(payer, cost, limit, windowSeconds);
    const { state, share } =
      together === undefined ? await alone.take(payer, cost) : { state: together, share: limit };
    return {
      isOver: state.consumedPoints > share,
      remaining: state.remainingPoints,
      resetSeconds: Math.ceil(state.msBeforeNext / 1_000),
    };
  };
  const consume = async (args: ExecutionArgs): Promise<Allowance | GraphQLError> => {
    const { session, request } = args.contextValue as GraphContext & { readonly request: Request };
    const cost = costOfOperation(args);
    const counts = await Promise.all(session.payers.map((payer) => count(payer, cost)));
    // Of those with nothing left, the last to have something again.
    const remaining = Math.min(...counts.map((one) => one.remaining));
    const strictest = counts.filter((one) => one.remaining === remaining);
    const resetSeconds = Math.max(...strictest.map((one) => one.resetSeconds));
    const allowance = { limit, cost, remaining, resetSeconds };
    allowances.set(request, allowance);
    return counts.some(({ isOver }) => isOver)
      ? new GraphQLError('You have asked for too much in this minute. Retry later.', {
          extensions: {
            code: 'RATE_LIMITED',
            retryAfterSeconds: resetSeconds,
            http: { headers: { 'retry-after': String(resetSeconds) } },
          },
        })
      : allowance;
  };
  return {
    around: async (args, next) => {
      const found = await consume(args);
      if (found instanceof GraphQLError) {
        return { errors: [found] };
      }
      const result = await next(args);
      if (Symbol.asyncIterator in result) {
        return result;
      }
      // The text that several get of one result would tell all of them what the first has left.
      const { stringify: _, encoded: __, ...own } = result;
      return { ...own, extensions: { ...own.extensions, rateLimit: found } };
    },
    plugin: {
      async onSubscribe({ args, setResultAndStopExecution }) {
        const found = await consume(args);
        if (found instanceof GraphQLError) {
          setResultAndStopExecution({ errors: [found] });
        }
      },
      onResponse({ request, response }) {
        const found = allowances.get(request);
        if (found !== undefined) {
          response.headers.set('ratelimit-limit', String(found.limit));
          response.headers.set('ratelimit-remaining', String(found.remaining));
          response.headers.set('ratelimit-reset', String(found.resetSeconds));
        }
      },
    },
  };
}
