/** Queries of documents that are known are executed without what a document costs anew each time. */

import type { Plugin } from 'graphql-yoga';
import { executeQuery } from '../graph/execution/execute.ts';

export function usePlannedExecution(): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args) => executeQuery(args) ?? executeFn(args));
    },
  };
}
