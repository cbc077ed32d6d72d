/** What resolvers may ask about OpenStack security groups. */

import type { Issue } from '../../failure.ts';
import type { Row, Wanted } from '../../rows/row.ts';
import type { Slice } from '../../rows/window.ts';
import { type Changed, type ChangeRequest, change, refuseFor } from '../../session/changes.ts';
import { type Session, waldurOf } from '../../session/session.ts';
import { type ListRequest, listOf, oneOf } from '../../session/shelves.ts';
import { upkeepOf } from '../resource/resource.access.ts';
import { descriptionIssues, nameIssues } from '../resource/resource.check.ts';
import type { ResourceOrderField } from '../resource/resource.model.ts';
import { resourceOrder } from '../resource/resource.rest.ts';
import type {
  CreateSecurityGroupInput,
  ReplaceSecurityGroupInput,
  SecurityGroup,
  SecurityGroupFilter,
  UpdateSecurityGroupInput,
} from './security-group.model.ts';
import {
  securityGroupCreation,
  securityGroupFilter,
  securityGroupNoun,
  securityGroupReplacement,
  securityGroupUpdate,
} from './security-group.rest.ts';
import { newRulesIssues, ruleListIssues, wholeRule } from './security-group.rules.ts';

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

export const securityGroupUpkeep = upkeepOf<SecurityGroup>(securityGroupNoun);

/** OpenStack makes one of this name in each tenant, and Waldur takes no other. */
function securityGroupIssues({
  name,
  description,
}: Omit<UpdateSecurityGroupInput, 'uuid'>): Issue[] {
  const isDefault = name?.trim() === 'default';
  return [
    ...nameIssues(name),
    ...(isDefault ? [{ path: ['name'], message: 'default is for OpenStack itself' }] : []),
    ...descriptionIssues(description),
  ];
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function createSecurityGroup(
  session: Session,
  input: CreateSecurityGroupInput,
  request: ChangeRequest,
): Promise<Changed<SecurityGroup>> {
  const rules = input.rules.map((rule) => wholeRule(rule));
  const kept = newRulesIssues(input.rules, 'a new group has no rule to keep');
  refuseFor(request, [...securityGroupIssues(input), ...kept, ...ruleListIssues(rules)]);
  const write = securityGroupCreation(waldurOf(session), input, rules);
  return change(session, securityGroupNoun, null, write, request);
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function updateSecurityGroup(
  session: Session,
  input: UpdateSecurityGroupInput,
  request: ChangeRequest,
): Promise<Changed<SecurityGroup>> {
  refuseFor(request, securityGroupIssues(input));
  return change(session, securityGroupNoun, input.uuid, securityGroupUpdate(input), request);
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function replaceSecurityGroup(
  session: Session,
  input: ReplaceSecurityGroupInput,
  request: ChangeRequest,
): Promise<Changed<SecurityGroup>> {
  refuseFor(request, securityGroupIssues(input));
  return change(session, securityGroupNoun, input.uuid, securityGroupReplacement(input), request);
}
