/** The same query by the same caller at the same time is executed once. */

import { GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphContext } from '../graph/builder.ts';
import { shownFailures } from '../graph/failures.ts';
import { Sharing } from '../upstream/http/sharing.ts';
import { type Asked, asksNothing, keyOf, type SharedResult, withOneText } from './same-query.ts';

/**
 * Executes a query that is under way for the same caller no second time: document, operation and
 * variables have to be the same. Mutations are never shared, and from their start and end on no
 * query of the same caller is joined that was under way: it may show what was before.
 *
 * The plugin also hands the client's leaving on to the session: a shared execution ends with the last
 * client that waits for it, and a mutation goes on.
 */
export function useSharedQueries(): Plugin<GraphContext & Asked> {
  const { code, message } = shownFailures.cancelled;
  const sharing = new Sharing<SharedResult>(
    () => new GraphQLError(message, { extensions: { code } }),
  );
  return {
    onSubscribe: ({ args }) => {
      args.contextValue.session.leaveWith(args.contextValue.request.signal);
    },
    onExecute({ args, executeFn, setExecuteFn }) {
      const { session, request } = args.contextValue;
      const operation = getOperationAST(args.document, args.operationName);
      const kind = operation?.operation;
      if (operation != null && asksNothing(operation)) {
        // Answered at once: there is nothing to join, and nothing to be left.
        return undefined;
      }
      if (kind === 'mutation') {
        sharing.end(session.caller);
        setExecuteFn((given) => session.carryOut(request.signal, () => executeFn(given)));
        return { onExecuteDone: () => sharing.end(session.caller) };
      }
      if (kind !== 'query' || session.explanation !== undefined) {
        session.leaveWith(request.signal);
        return undefined;
      }
      const key = keyOf(args.contextValue, args.operationName);
      setExecuteFn(async (given) => {
        try {
          const { answer, isShared } = await sharing.ask(
            session.caller,
            key,
            request,
            async (signal) => {
              session.leaveWith(signal);
              return withOneText((await executeFn(given)) as SharedResult);
            },
          );
          session.tally.hasJoined = isShared;
          return answer;
        } catch (reason) {
          if (!request.signal.aborted) {
            throw reason;
          }
          // Nobody is there for it, but operators are told how each operation has ended.
          return { errors: [reason as GraphQLError] };
        }
      });
      return undefined;
    },
  };
}
