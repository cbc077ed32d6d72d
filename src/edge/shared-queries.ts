/** The same query by the same caller at the same time is executed once. */

import { GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import { shownFailures } from '../graph/failures.ts';
import { Sharing } from '../upstream/http/sharing.ts';
import type { StopSignal } from '../upstream/http/stop.ts';
import type { Acting } from './around.ts';
import { asksNothing, keyOf, type SharedResult, withOneText } from './same-query.ts';

/**
 * Executes a query that is under way for the same caller no second time: document, operation and
 * variables have to be the same. Mutations are never shared, and from their start and end on no
 * query of the same caller is joined that was under way: it may show what was before.
 *
 * It also hands the client's leaving on to the session: a shared execution ends with the last
 * client that waits for it, and a mutation goes on.
 */
export function sharedQueries(): Acting {
  const { code, message } = shownFailures.cancelled;
  const sharing = new Sharing<SharedResult>(
    () => new GraphQLError(message, { extensions: { code } }),
  );
  return {
    around: (args, next) => {
      const { session, request } = args.contextValue;
      const operation = getOperationAST(args.document, args.operationName);
      if (operation != null && asksNothing(operation)) {
        // Answered at once: there is nothing to join, and nothing to be left.
        return next(args);
      }
      if (operation?.operation === OperationTypeNode.MUTATION) {
        const end = () => sharing.end(session.caller);
        end();
        return session.carryOut(request.signal, () => next(args)).finally(end);
      }
      if (operation == null || session.explanation !== undefined) {
        session.leaveWith(request.signal);
        return next(args);
      }
      const key = keyOf(args.contextValue, args.operationName);
      const begin = async (signal: StopSignal) => {
        session.leaveWith(signal);
        return withOneText(await next(args));
      };
      return sharing.ask<SharedResult>(session.caller, key, request, begin, {
        answered: (answer, isShared) => {
          session.tally.hasJoined = isShared;
          return answer;
        },
        failed: (reason) => {
          if (!request.signal.aborted) {
            throw reason;
          }
          // Nobody is there for it, but operators are told how each operation has ended.
          return { errors: [reason as GraphQLError] };
        },
      });
    },
    plugin: {
      onSubscribe: ({ args }) => {
        args.contextValue.session.leaveWith(args.contextValue.request.signal);
      },
    },
  };
}
