/** Telling a client what is wrong with an argument. */

import { GraphQLError } from 'graphql';

export const badUserInput = 'BAD_USER_INPUT';

/**
 * An error that names the argument.
 *
 * @param argument - the path to the fault, from the argument's name on: `['filter', 'state', '0']`
 * @param message - what is wrong, without the value
 */
export function inputError(argument: readonly string[], message: string): GraphQLError {
  return new GraphQLError(`${argument.join('.')}: ${message}`, {
    extensions: { code: badUserInput, argument },
  });
}
