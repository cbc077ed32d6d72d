/** What resolvers may ask about OpenStack server groups. */

import type { Row, Wanted } from '../../rows/row.ts';
import type { Slice } from '../../rows/window.ts';
import { type Changed, type ChangeRequest, change, refuseFor } from '../../session/changes.ts';
import type { Session } from '../../session/session.ts';
import { type ListRequest, listOf, oneOf } from '../../session/shelves.ts';
import { upkeepOf } from '../resource/resource.access.ts';
import { descriptionIssues, nameIssues } from '../resource/resource.check.ts';
import type { ResourceOrderField } from '../resource/resource.model.ts';
import { resourceOrder } from '../resource/resource.rest.ts';
import type {
  CreateServerGroupInput,
  ServerGroup,
  ServerGroupFilter,
} from './server-group.model.ts';
import { serverGroupCreation, serverGroupFilter, serverGroupNoun } from './server-group.rest.ts';

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

export const serverGroupUpkeep = upkeepOf<ServerGroup>(serverGroupNoun);

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function createServerGroup(
  session: Session,
  input: CreateServerGroupInput,
  request: ChangeRequest,
): Promise<Changed<ServerGroup>> {
  refuseFor(request, [...nameIssues(input.name), ...descriptionIssues(input.description)]);
  return change(session, serverGroupNoun, null, serverGroupCreation(input), request);
}
