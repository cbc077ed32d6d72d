/** What resolvers may ask about OpenPortal allocations. */

import { UpstreamFailure } from '../../failure.ts';
import type { Row, Wanted } from '../../rows/row.ts';
import type { Slice } from '../../rows/window.ts';
import { type Changed, type ChangeRequest, change, refuseFor } from '../../session/changes.ts';
import { type Session, waldurOf } from '../../session/session.ts';
import { type ListRequest, listOf, oneOf } from '../../session/shelves.ts';
import { readUnmodified } from '../../session/unmodified.ts';
import { stateRefusal, upkeepOf } from '../resource/resource.access.ts';
import type { ResourceOrderField } from '../resource/resource.model.ts';
import { resourceOrder } from '../resource/resource.rest.ts';
import { allocationIssues, nodeLimitIssues, unlimitedIssues } from './allocation.check.ts';
import type {
  Allocation,
  AllocationFilter,
  CreateAllocationInput,
  ReplaceAllocationInput,
  SetAllocationLimitsInput,
  UpdateAllocationInput,
} from './allocation.model.ts';
import {
  allocationCreation,
  allocationFilter,
  allocationLimits,
  allocationNoun,
  allocationReplacement,
  allocationUpdate,
} from './allocation.rest.ts';

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

export const allocationUpkeep = upkeepOf<Allocation>(allocationNoun);

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function createAllocation(
  session: Session,
  input: CreateAllocationInput,
  request: ChangeRequest,
): Promise<Changed<Allocation>> {
  refuseFor(request, allocationIssues(input));
  const write = allocationCreation(waldurOf(session), input);
  return change(session, allocationNoun, null, write, request);
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function updateAllocation(
  session: Session,
  input: UpdateAllocationInput,
  request: ChangeRequest,
): Promise<Changed<Allocation>> {
  refuseFor(request, [...allocationIssues(input), ...unlimitedIssues(input)]);
  return change(session, allocationNoun, input.uuid, allocationUpdate(input), request);
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function replaceAllocation(
  session: Session,
  input: ReplaceAllocationInput,
  request: ChangeRequest,
): Promise<Changed<Allocation>> {
  refuseFor(request, allocationIssues(input));
  const write = allocationReplacement(waldurOf(session), input);
  return change(session, allocationNoun, input.uuid, write, request);
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function setAllocationLimits(
  session: Session,
  input: SetAllocationLimitsInput,
  request: ChangeRequest,
): Promise<Changed<Allocation>> {
  refuseFor(request, nodeLimitIssues(input.nodeLimit));
  const write = allocationLimits(input);
  return change<Allocation>(session, allocationNoun, input.uuid, write, request).catch((reason) =>
    throwConflict(session, input, reason),
  );
}

const statesForLimits = ['OK', 'ERRED', 'UPDATE_SCHEDULED'];

/**
 * Looks whether the state was what broke the change: Waldur does not check it here, and fails with 500.
 *
 * @throws {UpstreamFailure} the conflict, or else the reason
 */
async function throwConflict(
  session: Session,
  { uuid }: SetAllocationLimitsInput,
  reason: unknown,
): Promise<never> {
  if (reason instanceof UpstreamFailure && reason.kind === 'malformed') {
    const look = { ifModified: null, wantedOfCurrent: {} };
    const wanted = { state: {} };
    const row = await readUnmodified(session, allocationNoun, uuid, look, wanted).catch(() => null);
    if (row !== null && !statesForLimits.includes(row.read('state') as string)) {
      throw stateRefusal(statesForLimits);
    }
  }
  throw reason;
}
