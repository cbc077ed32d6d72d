/** One line in the log for each operation. */

import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { GraphContext } from '../graph/builder.ts';
import { topUpsOf } from '../session/shelves.ts';

/**
 * Name, duration in milliseconds, errors, what has come of its mutations, and the properties that selection analysis missed: each of
 * these cost a call that a better analysis would have saved.
 */
export function useAccessLog(log: Logger): Plugin<GraphContext> {
  return {
    onExecute: ({ args }) => {
      const startedMs = performance.now();
      return {
        onExecuteDone: ({ result }) => {
          const errors = 'errors' in result ? (result.errors?.length ?? 0) : 0;
          const durationMs = Math.round((performance.now() - startedMs) * 10) / 10;
          const { session } = args.contextValue;
          const topUps = topUpsOf(session);
          const { outcomes } = session;
          log.info(
            {
              operation: getOperationAST(args.document, args.operationName)?.name?.value ?? null,
              durationMs,
              errors,
              topUps,
              ...(outcomes.length > 0 ? { outcomes } : {}),
            },
            'operation',
          );
        },
      };
    },
  };
}
