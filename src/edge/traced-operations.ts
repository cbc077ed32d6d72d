/** A span for each operation: the one that its calls are in. */

import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphContext } from '../graph/builder.ts';
import { inSpan } from '../tracing.ts';

interface Requested {
  readonly request: Pick<Request, 'headers'>;
}

/** Goes on with the trace that a request's `traceparent` names. Subscriptions last too long for a span. */
export function useTracedOperations(): Plugin<GraphContext & Requested> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { session, request } = args.contextValue;
      const operation = getOperationAST(args.document, args.operationName);
      const type = operation?.operation ?? 'query';
      const name = operation?.name?.value;
      const attributes = {
        'graphql.operation.type': type,
        ...(name === undefined ? {} : { 'graphql.operation.name': name }),
        ...(session.requestId === null ? {} : { 'stratograph.request_id': session.requestId }),
      };
      setExecuteFn((given) =>
        inSpan(type, { kind: 'server', attributes, from: request.headers }, async (span) => {
          const result = await executeFn(given);
          const { calls, shared, cost, hasJoined } = session.tally;
          span?.setAttributes({
            'stratograph.calls': calls,
            'stratograph.shared_calls': shared,
            'stratograph.cost': cost,
            'stratograph.joined': hasJoined,
            'stratograph.errors': (result as { errors?: readonly unknown[] }).errors?.length ?? 0,
          });
          return result;
        }),
      );
    },
  };
}
