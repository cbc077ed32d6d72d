/** Shows how an answer came about, to whoever asks by header or extension. */

import type { Plugin } from 'graphql-yoga';
import type { GraphContext } from '../graph/builder.ts';
import { explained } from '../session/shelves.ts';

/** `x-explain: 1`, or `"extensions": { "explain": true }` in the request. */
export function wantsExplanation(
  headers: Headers,
  extensions: Readonly<Record<string, unknown>> | null | undefined,
): boolean {
  return headers.get('x-explain') === '1' || extensions?.explain === true;
}

export function useExplain(): Plugin<GraphContext> {
  return {
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result, setResult }) => {
        const explain = explained(args.contextValue.session);
        if (explain !== undefined && !(Symbol.asyncIterator in result)) {
          setResult({ ...result, extensions: { ...result.extensions, explain } });
        }
      },
    }),
  };
}
