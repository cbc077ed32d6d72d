/** What one operation may cost, with the variables that it came with, and how long it may take. */

import { type ExecutionArgs, type ExecutionResult, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphContext } from '../graph/builder.ts';
import { isPromise } from '../graph/execution/filling.ts';
import { costError, operationCost } from './cost.ts';

/** What the operation may cost that is about to be executed. */
export function costOfOperation(args: ExecutionArgs): number {
  const { schema, document, operationName, variableValues } = args;
  const operation = getOperationAST(document, operationName);
  return operation == null ? 0 : operationCost(schema, document, operation, variableValues ?? {});
}

/** Not in validation, whose results are kept for a document: variables differ each time. */
export function useCostLimit(most: number): Plugin<GraphContext> {
  const check = ({
    args,
    setResultAndStopExecution,
  }: {
    readonly args: ExecutionArgs;
    readonly setResultAndStopExecution: (refused: ExecutionResult) => void;
  }) => {
    const cost = costOfOperation(args);
    (args.contextValue as GraphContext).session.tally.cost = cost;
    if (cost > most) {
      setResultAndStopExecution({ errors: [costError(cost, most)] });
    }
  };
  return { onSubscribe: check, onExecute: check };
}

/**
 * Ends whatever a query or mutation still does after so long; what a client waits for comes on top.
 * Has to be within what shares executions: whoever joins one has the time that is left of it, and it
 * has an end when the one who began it has gone. Subscriptions last.
 */
export function useDeadline(timeoutMs: number): Plugin<GraphContext> {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args) => {
        const { deadline } = args.contextValue.session;
        const end = () => deadline.clear();
        deadline.set(timeoutMs);
        let executed: unknown;
        try {
          executed = executeFn(args);
        } finally {
          if (!isPromise(executed)) {
            end();
          }
        }
        if (isPromise(executed)) {
          executed.then(end, end);
        }
        return executed;
      });
    },
  };
}
