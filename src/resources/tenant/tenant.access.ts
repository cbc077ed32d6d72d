/** What resolvers may ask about OpenStack tenants. */

import type { Row, Wanted } from '../../rows/row.ts';
import type { Slice } from '../../rows/window.ts';
import type { Session } from '../../session/session.ts';
import { type ListRequest, listOf, oneOf } from '../../session/shelves.ts';
import type { ResourceOrderField } from '../resource/resource.model.ts';
import { resourceOrder } from '../resource/resource.rest.ts';
import type { Tenant, TenantFilter } from './tenant.model.ts';
import { tenantFilter, tenantNoun } from './tenant.rest.ts';

/**
 * Null when there is none or the caller may not see it.
 *
 * @throws {UpstreamFailure}
 */
export function tenantByUuid(
  session: Session,
  uuid: string,
  wanted: Wanted,
): Promise<Row<Tenant> | null> {
  return oneOf(session, tenantNoun, uuid, wanted);
}

/** @throws {UpstreamFailure} */
export function tenants(
  session: Session,
  request: ListRequest<TenantFilter, ResourceOrderField>,
): Promise<Slice<Tenant>> {
  return listOf(session, { noun: tenantNoun, filter: tenantFilter, order: resourceOrder }, request);
}
