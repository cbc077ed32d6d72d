/** What has come of a mutation: success or a refusal for the client, and a note for the log. */

import { type BrokenRecipe, InvalidInputError, UpstreamFailure } from '../failure.ts';
import type { Session } from '../session/session.ts';
import { ModifiedSince } from '../session/unmodified.ts';
import { Refusal, type RefusalKind, refusals } from './refusals.ts';

/**
 * What the mutation gives, or why it was refused; noted for the operation's log: a client that has left
 * is told nothing.
 *
 * @param name - the mutation's
 * @param checkWith - the query that tells what has become of it
 * @throws whatever is no refusal
 */
export async function notedOutcome<S>(
  { outcomes }: Session,
  name: string,
  act: () => Promise<S>,
  checkWith: string,
): Promise<S | Refusal> {
  try {
    const result = await orRefusal(act, checkWith);
    const noted = result instanceof Refusal ? withRecipe(result.type, result.recipe) : 'success';
    outcomes.push(`${name}: ${noted}`);
    return result;
  } catch (reason) {
    const recipe = reason instanceof UpstreamFailure ? reason.recipe : undefined;
    outcomes.push(`${name}: ${withRecipe('failed', recipe ?? null)}`);
    throw reason;
  }
}

async function orRefusal<S>(act: () => Promise<S>, checkWith: string): Promise<S | Refusal> {
  try {
    return await act();
  } catch (reason) {
    if (reason instanceof InvalidInputError) {
      return new Refusal('invalid', reason.issues, checkWith);
    }
    if (reason instanceof ModifiedSince) {
      return new Refusal('conflict', [], checkWith, {}, reason.current);
    }
    if (reason instanceof UpstreamFailure && Object.hasOwn(refusals, reason.kind)) {
      const kind = reason.kind as RefusalKind;
      return new Refusal(kind, reason.issues, checkWith, reason);
    }
    throw reason;
  }
}

/** E.g. `failed at DISK 2, left: DEFINITION, DISK 1`. */
function withRecipe(outcome: string, recipe: BrokenRecipe | null): string {
  if (recipe === null) {
    return outcome;
  }
  const named = (kind: string, number: number | null) =>
    number === null ? kind : `${kind} ${number}`;
  const left = recipe.left.map(({ kind, number }) => named(kind, number)).join(', ');
  return `${outcome} at ${named(recipe.step, recipe.number)}, left: ${left || 'nothing'}`;
}
