/** Telling a client what is wrong with an argument. */

import { GraphQLError } from 'graphql';
import { InvalidInputError } from '../failure.ts';

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

/**
 * Tells of every fault of a query's arguments, and throws everything else on; for
 * `promise.catch(asInputError)`.
 *
 * @throws {GraphQLError} about the first fault, with all of them in `extensions.issues`
 */
export function asInputError(reason: unknown): never {
  if (reason instanceof InvalidInputError) {
    const [first = { path: [], message: reason.message }] = reason.issues;
    const error = inputError(first.path, first.message);
    error.extensions.issues = reason.issues;
    throw error;
  }
  throw reason;
}
