/** What resolvers may ask about customers. */

import type { Row, Wanted } from '../../rows/row.ts';
import type { Slice } from '../../rows/window.ts';
import type { Session } from '../../session/session.ts';
import { type ListRequest, listOf, oneOf } from '../../session/shelves.ts';
import type { Customer, CustomerFilter, CustomerOrderField } from './customer.model.ts';
import { customerFilter, customerNoun, customerOrder } from './customer.rest.ts';

/**
 * Null when there is none or the caller may not see it.
 *
 * @throws {UpstreamFailure}
 */
export function customerByUuid(
  session: Session,
  uuid: string,
  wanted: Wanted,
): Promise<Row<Customer> | null> {
  return oneOf(session, customerNoun, uuid, wanted);
}

/** @throws {UpstreamFailure} */
export function customers(
  session: Session,
  request: ListRequest<CustomerFilter, CustomerOrderField>,
): Promise<Slice<Customer>> {
  return listOf(
    session,
    { noun: customerNoun, filter: customerFilter, order: customerOrder },
    request,
  );
}
