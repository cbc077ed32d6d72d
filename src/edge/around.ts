/** What is done around each execution, however a request has come in. */

import type { ExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphContext } from '../graph/builder.ts';
import type { Asked, SharedResult } from './same-query.ts';

/** An execution as plugins and the short way begin it. */
export type Args = Omit<ExecutionArgs, 'contextValue'> & {
  readonly contextValue: GraphContext & Asked;
};

/** A query or mutation; an answer in pieces is a result that can be iterated over. */
export type Execute = (args: Args) => SharedResult | Promise<SharedResult>;

/** Does something before, after or instead of what is within it. */
export type Around = (args: Args, next: Execute) => SharedResult | Promise<SharedResult>;

/** Something that acts on operations: around their execution, and wherever else Yoga lets it. */
export interface Acting {
  readonly around?: Around;
  readonly plugin?: Plugin<GraphContext & Asked>;
}

/** @param arounds - the outermost first */
export function composed(arounds: readonly Around[], within: Execute): Execute {
  return arounds.reduceRight<Execute>((next, around) => (args) => around(args, next), within);
}

/** Has Yoga execute with all that is done around it. */
export function useArounds(arounds: readonly Around[]): Plugin<GraphContext & Asked> {
  return {
    onExecute: ({ executeFn, setExecuteFn }) =>
      setExecuteFn(composed(arounds, executeFn) as typeof executeFn),
  };
}
