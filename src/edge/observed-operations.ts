/** One line in the log, and one observation of the metrics, for each operation at its end. */

import { type ExecutionArgs, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { GraphContext } from '../graph/builder.ts';
import { shownFailures } from '../graph/failures.ts';
import { topUpsOf } from '../session/shelves.ts';
import { codeOf } from './error-masking.ts';
import type { EndedOperation, Metrics, Outcome } from './metrics.ts';

interface Result {
  readonly data?: unknown;
  readonly errors?: readonly unknown[] | undefined;
}

/** On requests; a set of them would be looked through in each collection of garbage. */
const wasExecuted = Symbol('was executed');

interface Executed {
  [wasExecuted]?: true;
}

/** Marks the request that an operation came with. */
function mark({ contextValue }: ExecutionArgs): void {
  (contextValue as { readonly request: Executed }).request[wasExecuted] = true;
}

/** What one operation has come to so far. */
interface Seen {
  errors: number;
  /** Answers that hold something. */
  answered: number;
  /** Whether its client has. */
  hasLeft: boolean;
}

function outcomeOf({ errors, answered, hasLeft }: Seen): Outcome {
  if (hasLeft) {
    return 'left';
  }
  if (errors === 0) {
    return 'ok';
  }
  return answered > 0 ? 'partial' : 'failed';
}

/**
 * The log's line holds the request's id, the caller's fingerprint, name, duration in milliseconds, calls
 * that were sent and that were shared, errors; where there are any, what has come of its mutations, and the
 * properties that selection analysis missed: each of these cost a call that a better analysis would have saved.
 */
export function useObservedOperations(log: Logger, metrics: Metrics): Plugin<GraphContext> {
  const begun = (args: ExecutionArgs) => {
    const startedMs = performance.now();
    const operation = getOperationAST(args.document, args.operationName);
    const name = operation?.name?.value ?? null;
    const type: EndedOperation['type'] = operation?.operation ?? 'query';
    const seen: Seen = { errors: 0, answered: 0, hasLeft: false };
    return {
      saw: ({ data, errors }: Result) => {
        for (const error of errors ?? []) {
          const code = codeOf(error);
          metrics.onError(code);
          seen.hasLeft ||= code === shownFailures.cancelled.code;
        }
        seen.errors += errors?.length ?? 0;
        seen.answered += data === null || data === undefined ? 0 : 1;
      },
      end: () => {
        const durationMs = Math.round((performance.now() - startedMs) * 10) / 10;
        const { session } = args.contextValue as GraphContext;
        const { tally, outcomes, caller, requestId } = session;
        const topUps = topUpsOf(session);
        const outcome = outcomeOf(seen);
        const ended = { name, type, outcome, durationMs, cost: tally.cost };
        metrics.onOperation({ ...ended, topUps: topUps.length, tally });
        log.info(
          {
            requestId,
            caller,
            operation: name,
            type,
            outcome,
            durationMs,
            cost: tally.cost,
            calls: tally.calls,
            shared: tally.shared,
            ...(tally.hasJoined ? { joined: true } : {}),
            ...(tally.isUnchanged ? { unchanged: true } : {}),
            errors: seen.errors,
            ...(topUps.length > 0 ? { topUps } : {}),
            ...(outcomes.length > 0 ? { outcomes } : {}),
          },
          'operation',
        );
      },
    };
  };
  return {
    onExecute: ({ args }) => {
      mark(args);
      const { saw, end } = begun(args);
      return {
        onExecuteDone: ({ result }) => {
          saw(result as Result);
          end();
        },
      };
    },
    onSubscribe: ({ args }) => {
      mark(args);
      const { saw, end } = begun(args);
      return {
        onSubscribeResult: ({ result }) => {
          if (!(Symbol.asyncIterator in (result as object))) {
            saw(result as Result);
            end();
            return undefined;
          }
          const closed = metrics.onSubscription();
          return {
            onNext: ({ result: event }) => saw(event as Result),
            onEnd: () => {
              closed();
              end();
            },
          };
        },
      };
    },
    onResultProcess({ request, result }) {
      if (
        (request as Executed)[wasExecuted] ||
        Array.isArray(result) ||
        Symbol.asyncIterator in result
      ) {
        return;
      }
      // No GraphQL, or not of this graph: nothing was executed.
      const codes = ((result as Result).errors ?? []).map(codeOf);
      for (const code of codes) {
        metrics.onError(code);
      }
      log.info({ requestId: request.headers.get('x-request-id'), codes }, 'refused');
    },
  };
}
