/** A span for each operation: the one that its calls are in. */

import { getOperationAST } from 'graphql';
import { inSpan } from '../tracing.ts';
import type { Around } from './around.ts';

/** Goes on with the trace that a request's `traceparent` names. Subscriptions last too long for a span. */
export const traced: Around = (args, next) => {
  const { session, request } = args.contextValue;
  const operation = getOperationAST(args.document, args.operationName);
  const type = operation?.operation ?? 'query';
  const name = operation?.name?.value;
  const attributes = {
    'graphql.operation.type': type,
    ...(name === undefined ? {} : { 'graphql.operation.name': name }),
    ...(session.requestId === null ? {} : { 'stratograph.request_id': session.requestId }),
  };
  return inSpan(type, { kind: 'server', attributes, from: request.headers }, async (span) => {
    const result = await next(args);
    const { calls, shared, cost, hasJoined } = session.tally;
    span?.setAttributes({
      'stratograph.calls': calls,
      'stratograph.shared_calls': shared,
      'stratograph.cost': cost,
      'stratograph.joined': hasJoined,
      'stratograph.errors': result.errors?.length ?? 0,
    });
    return result;
  });
};
