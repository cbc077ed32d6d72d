/** Queries are executed here, everything else as before. */

import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from 'graphql';
import { Execution } from './execution.ts';
import type { Fragments } from './field.ts';
import { Later } from './filling.ts';
import { OperationPlan } from './plan.ts';

const plans = new WeakMap<OperationDefinitionNode, OperationPlan>();
const inPieces = new WeakMap<DocumentNode, boolean>();

/** As other executors of GraphQL limit the errors that they tell of variables. */
const mostErrors = 50;

/**
 * The result of a query, at once or later.
 *
 * @returns undefined for what has to be executed otherwise, and of which nothing has been executed:
 *   mutations, subscriptions, answers in pieces, and variables that do not fit
 */
export function executeQuery(
  args: ExecutionArgs,
): ExecutionResult | Promise<ExecutionResult> | undefined {
  const { schema, document, operationName, rootValue, contextValue } = args;
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.QUERY || comesInPieces(document)) {
    return undefined;
  }
  const type = schema.getQueryType();
  const given = args.variableValues ?? {};
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given, {
    maxErrors: mostErrors,
  });
  if (coerced === undefined || type == null) {
    return undefined;
  }
  const plan = plans.get(operation) ?? new OperationPlan(schema, operation, fragmentsIn(document));
  const execution = new Execution(plan, rootValue, contextValue, coerced);
  const resultOf = (shown: unknown): ExecutionResult => {
    if (plan.isSmall) {
      plans.set(operation, plan);
    } else {
      plans.delete(operation);
    }
    const { errors } = execution;
    return (errors.length === 0 ? { data: shown } : { errors, data: shown }) as ExecutionResult;
  };
  const failed = (reason: unknown) => {
    execution.errors.push(reason as GraphQLError);
    return resultOf(null);
  };
  let shown: object;
  try {
    shown = execution.fill(type, rootValue);
  } catch (reason) {
    return failed(reason);
  }
  return shown instanceof Later
    ? new Promise((resolve) => {
        shown.listen({
          done: (whole) => resolve(resultOf(whole)),
          failed: (reason) => resolve(failed(reason)),
        });
      })
    : resultOf(shown);
}

function fragmentsIn(document: DocumentNode): Fragments {
  const fragments: Fragments = Object.create(null);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments[definition.name.value] = definition;
    }
  }
  return fragments;
}

function comesInPieces(document: DocumentNode): boolean {
  const known = inPieces.get(document);
  if (known !== undefined) {
    return known;
  }
  let found = false;
  visit(document, {
    Directive: ({ name }) => {
      found ||= name.value === 'defer' || name.value === 'stream';
    },
  });
  inPieces.set(document, found);
  return found;
}
