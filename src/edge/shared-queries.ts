/** The same query by the same caller at the same time is executed once. */

import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphContext } from '../graph/builder.ts';
import { Sharing } from '../upstream/http/sharing.ts';

interface Operation {
  /** Fires when the client has gone. */
  readonly request: Request;
  readonly params: { readonly query?: string; readonly variables?: unknown };
}

/** A result whose text is made once, for all who get it. */
type SharedResult = ExecutionResult & { readonly stringify?: (result: ExecutionResult) => string };

/**
 * Executes a query that is under way for the same caller no second time: document, operation and
 * variables have to be the same. Mutations are never shared, and from their start and end on no
 * query of the same caller is joined that was under way: it may show what was before.
 *
 * The plugin also hands the client's leaving on to the session: a shared execution ends with the last
 * client that waits for it.
 */
export function useSharedQueries(): Plugin<GraphContext & Operation> {
  const sharing = new Sharing<SharedResult>(() => new GraphQLError('The client has gone.'));
  return {
    onSubscribe: ({ args }) => {
      args.contextValue.session.leaveWith(args.contextValue.request.signal);
    },
    onExecute({ args, executeFn, setExecuteFn }) {
      const { session, request, params } = args.contextValue;
      const kind = getOperationAST(args.document, args.operationName)?.operation;
      if (kind !== 'query' || session.explanation !== undefined) {
        session.leaveWith(request.signal);
        if (kind !== 'mutation') {
          return undefined;
        }
        sharing.end(session.caller);
        return { onExecuteDone: () => sharing.end(session.caller) };
      }
      const key = JSON.stringify([
        params.query,
        args.operationName ?? null,
        params.variables ?? {},
      ]);
      setExecuteFn(async (given) => {
        const { answer, isShared } = await sharing.ask(
          session.caller,
          key,
          request.signal,
          async (signal) => {
            session.leaveWith(signal);
            return withOneText((await executeFn(given)) as ExecutionResult);
          },
        );
        session.tally.hasJoined = isShared;
        return answer;
      });
      return undefined;
    },
  };
}

/** Errors are masked for each request by itself, so only a result without any has one text. */
function withOneText(result: ExecutionResult): SharedResult {
  if (result.errors !== undefined) {
    return result;
  }
  let text: string | undefined;
  return {
    ...result,
    stringify: (given) => {
      text ??= JSON.stringify(given);
      return text;
    },
  };
}
