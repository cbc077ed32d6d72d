/** One line in the log for each operation. */

import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';

/** Names come from clients: only what looks like one is written. */
export function useAccessLog(log: Logger): Plugin {
  return {
    onExecute: ({ args }) => {
      const startedMs = performance.now();
      return {
        onExecuteDone: ({ result }) => {
          const errors = 'errors' in result ? (result.errors?.length ?? 0) : 0;
          log.info(
            {
              operation: args.operationName ?? null,
              durationMs: Math.round((performance.now() - startedMs) * 10) / 10,
              errors,
            },
            'operation',
          );
        },
      };
    },
  };
}
