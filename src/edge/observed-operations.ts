/** One line in the log, and one observation of the metrics, for each operation at its end. */

import { type ExecutionArgs, getOperationAST } from 'graphql';
import type { Logger } from 'pino';
import type { GraphContext } from '../graph/builder.ts';
import { shownFailures } from '../graph/failures.ts';
import type { Session } from '../session/session.ts';
import { topUpsOf } from '../session/shelves.ts';
import type { Acting } from './around.ts';
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

function outcomeOf({ errors, answered, hasLeft }: Observation): Outcome {
  if (hasLeft) {
    return 'left';
  }
  if (errors === 0) {
    return 'ok';
  }
  return answered > 0 ? 'partial' : 'failed';
}

/** What one operation has come to so far. */
class Observation {
  errors = 0;
  /** Answers that hold something. */
  answered = 0;
  /** Whether its client has. */
  hasLeft = false;
  readonly #startedMs = performance.now();
  readonly #name: string | null;
  readonly #type: EndedOperation['type'];
  readonly #session: Session;
  readonly #log: Logger;
  readonly #metrics: Metrics;

  constructor(
    { document, operationName, contextValue }: ExecutionArgs,
    log: Logger,
    metrics: Metrics,
  ) {
    const operation = getOperationAST(document, operationName);
    const { session, request } = contextValue as GraphContext & { readonly request: Executed };
    request[wasExecuted] = true;
    this.#name = operation?.name?.value ?? null;
    this.#type = operation?.operation ?? 'query';
    this.#session = session;
    this.#log = log;
    this.#metrics = metrics;
  }

  saw({ data, errors }: Result): void {
    for (const error of errors ?? []) {
      const code = codeOf(error);
      this.#metrics.onError(code);
      this.hasLeft ||= code === shownFailures.cancelled.code;
    }
    this.errors += errors?.length ?? 0;
    this.answered += data === null || data === undefined ? 0 : 1;
  }

  end(): void {
    const durationMs = Math.round((performance.now() - this.#startedMs) * 10) / 10;
    const { tally, outcomes, caller, requestId } = this.#session;
    const topUps = topUpsOf(this.#session);
    const outcome = outcomeOf(this);
    const name = this.#name;
    const type = this.#type;
    const { cost } = tally;
    this.#metrics.onOperation({
      name,
      type,
      outcome,
      durationMs,
      cost,
      topUps: topUps.length,
      tally,
    });
    this.#log.info(
      {
        requestId,
        caller,
        operation: name,
        type,
        outcome,
        durationMs,
        cost,
        calls: tally.calls,
        shared: tally.shared,
        ...(tally.hasJoined ? { joined: true } : {}),
        ...(tally.isUnchanged ? { unchanged: true } : {}),
        errors: this.errors,
        ...(topUps.length > 0 ? { topUps } : {}),
        ...(outcomes.length > 0 ? { outcomes } : {}),
      },
      'operation',
    );
  }
}

/**
 * The log's line holds the request's id, the caller's fingerprint, name, duration in milliseconds, calls
 * that were sent and that were shared, errors; where there are any, what has come of its mutations, and the
 * properties that selection analysis missed: each of these cost a call that a better analysis would have saved.
 */
export function observedOperations(log: Logger, metrics: Metrics): Acting {
  return {
    around: async (args, next) => {
      const observation = new Observation(args, log, metrics);
      const result = await next(args);
      observation.saw(result);
      observation.end();
      return result;
    },
    plugin: {
      onSubscribe: ({ args }) => {
        const observation = new Observation(args, log, metrics);
        return {
          onSubscribeResult: ({ result }) => {
            if (!(Symbol.asyncIterator in (result as object))) {
              observation.saw(result as Result);
              observation.end();
              return undefined;
            }
            const closed = metrics.onSubscription();
            return {
              onNext: ({ result: event }) => observation.saw(event as Result),
              onEnd: () => {
                closed();
                observation.end();
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
    },
  };
}
