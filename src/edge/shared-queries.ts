/** The same query by the same caller at the same time is executed once. */

import {
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  Kind,
  type SelectionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphContext } from '../graph/builder.ts';
import { shownFailures } from '../graph/failures.ts';
import { Sharing } from '../upstream/http/sharing.ts';
import type { StopSignal } from '../upstream/http/stop.ts';

interface Operation {
  readonly request: {
    /** Fires when the client has gone. */
    readonly signal: StopSignal;
    /** What has come, where it is all that the answer depends on beside the caller. No name of a `Request`'s own. */
    readonly wholeText?: string;
  };
  readonly params: { readonly query?: string; readonly variables?: unknown };
}

/** A result whose text is made once, for all who get it. */
export type SharedResult = ExecutionResult & {
  readonly stringify?: (result: ExecutionResult) => string;
  /** The same, as bytes where several get it. */
  readonly encoded?: (result: ExecutionResult) => string | Buffer;
};

/**
 * Executes a query that is under way for the same caller no second time: document, operation and
 * variables have to be the same. Mutations are never shared, and from their start and end on no
 * query of the same caller is joined that was under way: it may show what was before.
 *
 * The plugin also hands the client's leaving on to the session: a shared execution ends with the last
 * client that waits for it, and a mutation goes on.
 */
export function useSharedQueries(): Plugin<GraphContext & Operation> {
  const { code, message } = shownFailures.cancelled;
  const sharing = new Sharing<SharedResult>(
    () => new GraphQLError(message, { extensions: { code } }),
  );
  return {
    onSubscribe: ({ args }) => {
      args.contextValue.session.leaveWith(args.contextValue.request.signal);
    },
    onExecute({ args, executeFn, setExecuteFn }) {
      const { session, request, params } = args.contextValue;
      const operation = getOperationAST(args.document, args.operationName);
      const kind = operation?.operation;
      if (operation?.selectionSet.selections.every(isMeta)) {
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
      const key =
        request.wholeText ??
        JSON.stringify([params.query, args.operationName ?? null, params.variables ?? {}]);
      setExecuteFn(async (given) => {
        try {
          const { answer, isShared } = await sharing.ask(
            session.caller,
            key,
            request,
            async (signal) => {
              session.leaveWith(signal);
              return withOneText((await executeFn(given)) as ExecutionResult);
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

/** Of the schema itself, e.g. `__typename`. */
function isMeta(selection: SelectionNode): boolean {
  return selection.kind === Kind.FIELD && selection.name.value.startsWith('__');
}

/** Errors are masked for each request by itself, so only a result without any has one text. */
function withOneText(result: ExecutionResult): SharedResult {
  if (result.errors !== undefined) {
    return result;
  }
  let text: string | undefined;
  let bytes: Buffer | undefined;
  const stringify = (given: ExecutionResult) => {
    text ??= JSON.stringify(given);
    return text;
  };
  return {
    ...result,
    stringify,
    encoded: (given) => {
      if (text !== undefined) {
        // Somebody has had it before: others may follow.
        bytes ??= Buffer.from(text);
      }
      return bytes ?? stringify(given);
    },
  };
}
