/** What resolvers may ask about OpenStack security groups. */

import { type Issue, UpstreamFailure } from '../../failure.ts';
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
  SecurityGroupRule,
  SetSecurityGroupRulesInput,
  UpdateSecurityGroupInput,
  WholeRule,
} from './security-group.model.ts';
import {
  securityGroupCreation,
  securityGroupFilter,
  securityGroupNoun,
  securityGroupReplacement,
  securityGroupRules,
  securityGroupUpdate,
} from './security-group.rest.ts';
import { isPartial, ruleListIssues, wholeRule } from './security-group.rules.ts';

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
  const kept = input.rules.flatMap(({ ruleId }, index) =>
    ruleId == null
      ? []
      : [{ path: ['rules', String(index), 'ruleId'], message: 'a new group has no rule to keep' }],
  );
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

/**
 * Replaces all rules. Kept rules of which not everything is said are read first: Waldur resets what
 * is left out of them.
 *
 * @throws {InvalidInputError} @throws {UpstreamFailure}
 */
export async function setSecurityGroupRules(
  session: Session,
  { uuid, rules }: SetSecurityGroupRulesInput,
  request: ChangeRequest,
): Promise<Changed<SecurityGroup>> {
  const current = rules.some(isPartial) ? await currentRules(session, uuid) : undefined;
  const gone = rules.flatMap((rule, index) =>
    isPartial(rule) && !current?.has(rule.ruleId ?? 0)
      ? [{ path: ['rules', String(index), 'ruleId'], message: 'is no rule of this group' }]
      : [],
  );
  const whole = rules.map((rule) => wholeRule(rule, current?.get(rule.ruleId ?? 0)));
  refuseFor(request, [...gone, ...ruleListIssues(whole)]);
  const write = securityGroupRules(waldurOf(session), uuid, whole);
  return change(session, securityGroupNoun, uuid, write, request);
}

/** By id. @throws {UpstreamFailure} `not-found` too */
async function currentRules(session: Session, uuid: string): Promise<Map<number, WholeRule>> {
  const group = await oneOf<SecurityGroup>(session, securityGroupNoun, uuid, { rules: {} });
  if (group === null) {
    throw new UpstreamFailure('the group whose rules are to be kept is gone', {
      kind: 'not-found',
      upstream: 'waldur',
    });
  }
  const rules = await group.get('rules');
  return new Map(
    rules.map((rule) => {
      const read = <P extends keyof SecurityGroupRule>(property: P) =>
        rule.read(property) as SecurityGroupRule[P];
      const whole = {
        ruleId: read('ruleId'),
        ethertype: read('ethertype'),
        direction: read('direction'),
        protocol: read('protocol'),
        fromPort: read('fromPort'),
        toPort: read('toPort'),
        cidr: read('cidr'),
        description: read('description'),
        remoteGroup: read('remoteGroup')?.key ?? null,
      };
      return [whole.ruleId, whole];
    }),
  );
}
