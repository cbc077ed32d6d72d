/** What resolvers may ask about OpenPortal allocations. */

import type { Row, Wanted } from '../../rows/row.ts';
import type { Slice } from '../../rows/window.ts';
import type { Session } from '../../session/session.ts';
import { type ListRequest, listOf, oneOf } from '../../session/shelves.ts';
import type { ResourceOrderField } from '../resource/resource.model.ts';
import { resourceOrder } from '../resource/resource.rest.ts';
import type { Allocation, AllocationFilter } from './allocation.model.ts';
import { allocationFilter, allocationNoun } from './allocation.rest.ts';

/**
 * Null when there is none or the caller may not see it.
 *
 * @throws {UpstreamFailure}
 */
export function allocationByUuid(
  session: Session,
  uuid: string,
  wanted: Wanted,
): Promise<Row<Allocation> | null> {
  return oneOf(session, allocationNoun, uuid, wanted);
}

/** @throws {UpstreamFailure} */
export function allocations(
  session: Session,
  request: ListRequest<AllocationFilter, ResourceOrderField>,
): Promise<Slice<Allocation>> {
  return listOf(
    session,
    { noun: allocationNoun, filter: allocationFilter, order: resourceOrder },
    request,
  );
}
