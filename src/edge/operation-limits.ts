/** What one operation may cost and how long it may take, with the variables that it came with. */

import { type ExecutionArgs, getOperationAST, OperationTypeNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphContext } from '../graph/builder.ts';
import { costError, operationCost } from './cost.ts';

export interface OperationLimits {
  readonly cost: number;
  /** Of a query or mutation; what a client waits for comes on top. Subscriptions last. */
  readonly timeoutMs: number;
}

/** What the operation may cost that is about to be executed. */
export function costOfOperation(args: ExecutionArgs): number {
  const { schema, document, operationName, variableValues } = args;
  const operation = getOperationAST(document, operationName);
  return operation == null ? 0 : operationCost(schema, document, operation, variableValues ?? {});
}

/** Not in validation, whose results are kept for a document: variables differ each time. */
export function useOperationLimits({
  cost: most,
  timeoutMs,
}: OperationLimits): Plugin<GraphContext> {
  const excess = (args: ExecutionArgs) => {
    const cost = costOfOperation(args);
    (args.contextValue as GraphContext).session.tally.cost = cost;
    return cost > most ? { errors: [costError(cost, most)] } : undefined;
  };
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      const refused = excess(args);
      if (refused !== undefined) {
        setResultAndStopExecution(refused);
      }
    },
    onExecute({ args, setResultAndStopExecution }) {
      const refused = excess(args);
      if (refused !== undefined) {
        setResultAndStopExecution(refused);
        return undefined;
      }
      const kind = getOperationAST(args.document, args.operationName)?.operation;
      if (kind === OperationTypeNode.SUBSCRIPTION) {
        return undefined;
      }
      const { deadline } = args.contextValue.session;
      deadline.set(timeoutMs);
      return { onExecuteDone: () => deadline.clear() };
    },
  };
}
