/** Shows how an answer came about, to whoever asks by header or extension. */

import { explained } from '../session/shelves.ts';
import type { Args, Around, Execute } from './around.ts';
import type { RequestHeaders } from './callers.ts';
import type { SharedResult } from './same-query.ts';

/** `x-explain: 1`, or `"extensions": { "explain": true }` in the request. */
export function wantsExplanation(
  headers: RequestHeaders,
  extensions: Readonly<Record<string, unknown>> | null | undefined,
): boolean {
  return headers.get('x-explain') === '1' || extensions?.explain === true;
}

export const explaining: Around = (args, next) =>
  args.contextValue.session.explanation === undefined ? next(args) : explain(args, next);

async function explain(args: Args, next: Execute): Promise<SharedResult> {
  const result = await next(args);
  return Symbol.asyncIterator in result
    ? result
    : {
        ...result,
        extensions: { ...result.extensions, explain: explained(args.contextValue.session) },
      };
}
