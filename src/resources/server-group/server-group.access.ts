/** What resolvers may ask about OpenStack server groups. */

import type { Row, Wanted } from '../../rows/row.ts';
import type { Slice } from '../../rows/window.ts';
import type { Session } from '../../session/session.ts';
import { type ListRequest, listOf, oneOf } from '../../session/shelves.ts';
import type { ResourceOrderField } from '../resource/resource.model.ts';
import { resourceOrder } from '../resource/resource.rest.ts';
import type { ServerGroup, ServerGroupFilter } from './server-group.model.ts';
import { serverGroupFilter, serverGroupNoun } from './server-group.rest.ts';

/**
 * Null when there is none or the caller may not see it.
 *
 * @throws {UpstreamFailure}
 */
export function serverGroupByUuid(
  session: Session,
  uuid: string,
  wanted: Wanted,
): Promise<Row<ServerGroup> | null> {
  return oneOf(session, serverGroupNoun, uuid, wanted);
}

/** @throws {UpstreamFailure} */
export function serverGroups(
  session: Session,
  request: ListRequest<ServerGroupFilter, ResourceOrderField>,
): Promise<Slice<ServerGroup>> {
  return listOf(
    session,
    { noun: serverGroupNoun, filter: serverGroupFilter, order: resourceOrder },
    request,
  );
}
