/** What one operation may cost, with the variables that it came with, and how long it may take. */

import { type ExecutionArgs, type ExecutionResult, getOperationAST } from 'graphql';
import type { GraphContext } from '../graph/builder.ts';
import { isPromise } from '../graph/execution/filling.ts';
import type { Acting, Around, Execute } from './around.ts';
import { costError, operationCost } from './cost.ts';

/** What the operation may cost that is about to be executed. */
export function costOfOperation(args: ExecutionArgs): number {
  const { schema, document, operationName, variableValues } = args;
  const operation = getOperationAST(document, operationName);
  return operation == null ? 0 : operationCost(schema, document, operation, variableValues ?? {});
}

/** Not in validation, whose results are kept for a document: variables differ each time. */
export function limitedCost(most: number): Acting {
  /** What is wrong with it; undefined for nothing. */
  const refusalOf = (args: ExecutionArgs): ExecutionResult | undefined => {
    const cost = costOfOperation(args);
    (args.contextValue as GraphContext).session.tally.cost = cost;
    return cost > most ? { errors: [costError(cost, most)] } : undefined;
  };
  return {
    around: (args, next) => refusalOf(args) ?? next(args),
    plugin: {
      onSubscribe: ({ args, setResultAndStopExecution }) => {
        const refusal = refusalOf(args);
        if (refusal !== undefined) {
          setResultAndStopExecution(refusal);
        }
      },
    },
  };
}

/**
 * Ends whatever a query or mutation still does after so long; what a client waits for comes on top.
 * Has to be within what shares executions: whoever joins one has the time that is left of it, and it
 * has an end when the one who began it has gone. Subscriptions last.
 */
export function limitedTime(timeoutMs: number): Around {
  return (args, next) => {
    const { deadline } = args.contextValue.session;
    const end = () => deadline.clear();
    deadline.set(timeoutMs);
    let executed: ReturnType<Execute> | undefined;
    try {
      executed = next(args);
    } finally {
      if (!isPromise(executed)) {
        end();
      }
    }
    if (isPromise(executed)) {
      executed.then(end, end);
    }
    return executed;
  };
}
