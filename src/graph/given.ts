/** What the client wrote, before defaults were filled in. */

import { type GraphQLResolveInfo, valueFromASTUntyped } from 'graphql';
import type { GraphContext } from './builder.ts';

/**
 * An argument of the field being resolved, as JSON: enum values by name, and only the keys that are
 * there. Arguments as resolvers get them do not tell a default from the same value given.
 *
 * @returns undefined when it is left out
 */
export function givenArgument(
  info: GraphQLResolveInfo,
  context: GraphContext,
  name: string,
): unknown {
  const [field] = info.fieldNodes;
  const argument = field?.arguments?.find((one) => one.name.value === name);
  if (argument === undefined) {
    return undefined;
  }
  const variables: Record<string, unknown> = {};
  for (const { variable, defaultValue } of info.operation.variableDefinitions ?? []) {
    if (defaultValue !== undefined) {
      variables[variable.name.value] = valueFromASTUntyped(defaultValue);
    }
  }
  return valueFromASTUntyped(argument.value, { ...variables, ...context.params?.variables });
}
