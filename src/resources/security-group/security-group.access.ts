/** What resolvers may ask about OpenStack security groups. */

import type { Row, Wanted } from '../../rows/row.ts';
import type { Slice } from '../../rows/window.ts';
import type { Session } from '../../session/session.ts';
import { type ListRequest, listOf, oneOf } from '../../session/shelves.ts';
import type { ResourceOrderField } from '../resource/resource.model.ts';
import { resourceOrder } from '../resource/resource.rest.ts';
import type { SecurityGroup, SecurityGroupFilter } from './security-group.model.ts';
import { securityGroupFilter, securityGroupNoun } from './security-group.rest.ts';

/**
 * Null when there is none or the caller may not see it.
 *
 * @throws {UpstreamFailure}
 */
export function securityGroupByUuid(
  session: Session,
  uuid: string,
  wanted: Wanted,
): Promise<Row<SecurityGroup> | null> {
  return oneOf(session, securityGroupNoun, uuid, wanted);
}

/** @throws {UpstreamFailure} */
export function securityGroups(
  session: Session,
  request: ListRequest<SecurityGroupFilter, ResourceOrderField>,
): Promise<Slice<SecurityGroup>> {
  return listOf(
    session,
    { noun: securityGroupNoun, filter: securityGroupFilter, order: resourceOrder },
    request,
  );
}
