/** What resolvers may ask about the rules of security groups, and have done to them. */

import { InvalidInputError, type Issue } from '../../failure.ts';
import type { Row, Wanted } from '../../rows/row.ts';
import { union } from '../../rows/wanted.ts';
import { type Changed, type ChangeRequest, change, refuseFor } from '../../session/changes.ts';
import { type Session, waldurOf } from '../../session/session.ts';
import { readUnmodified } from '../../session/unmodified.ts';
import { stateRefusal } from '../resource/resource.access.ts';
import { securityGroupByUuid } from './security-group.access.ts';
import { type PlannedRule, type RulesDiff, rulesDiff } from './security-group.diff.ts';
import type {
  RemoveSecurityGroupRulesInput,
  SecurityGroup,
  SecurityGroupRule,
  SecurityGroupRuleInput,
  SetSecurityGroupRulesInput,
  WholeRule,
} from './security-group.model.ts';
import { securityGroupNoun, securityGroupRules } from './security-group.rest.ts';
import { isPartial, newRulesIssues, ruleListIssues, wholeRule } from './security-group.rules.ts';

type RuleRow = Row<SecurityGroupRule>;

/** A difference, with the group that it was made of. */
export interface GroupDiff extends RulesDiff {
  readonly group: Row<SecurityGroup>;
  /** The group's rules, by id. */
  readonly rowOf: (rule: WholeRule) => RuleRow;
}

export interface RulesRequest extends ChangeRequest {
  /** Whether nothing is to be sent. */
  readonly isDryRun: boolean;
  /** What the answer will show of the group as it was before; null for nothing. */
  readonly wantedBefore: Wanted | null;
}

export interface RulesChanged extends Changed<SecurityGroup> {
  /** Null unless it was wanted. */
  readonly diff: GroupDiff | null;
  readonly isDryRun: boolean;
}

/** What is there now. */
interface Current {
  readonly group: Row<SecurityGroup>;
  readonly rules: readonly WholeRule[];
  readonly rows: ReadonlyMap<number | null, RuleRow>;
}

/**
 * What setting these rules would change, which changes nothing; null when there is no such group or the
 * caller may not see it.
 *
 * @param wanted - what is shown of the group itself
 * @throws {InvalidInputError} with paths that begin with `rules`
 * @throws {UpstreamFailure}
 */
export async function securityGroupRulesDiff(
  session: Session,
  uuid: string,
  rules: readonly SecurityGroupRuleInput[],
  wanted: Wanted,
): Promise<GroupDiff | null> {
  const group = await securityGroupByUuid(session, uuid, union(wanted, { rules: {} }));
  if (group === null) {
    return null;
  }
  const current = await currentIn(group);
  const planned = plannedRules(rules, current);
  const issues = [...goneIssues(rules, current), ...ruleListIssues(planned)];
  if (issues.length > 0) {
    throw new InvalidInputError(issues);
  }
  return diffOf(session, current, planned);
}

/**
 * Replaces all rules. The group is looked at first when the answer or the request needs that, or when
 * not everything is said of a rule that is kept: Waldur resets what is left out.
 *
 * @throws {InvalidInputError} @throws {ModifiedSince} @throws {UpstreamFailure}
 */
export async function setSecurityGroupRules(
  session: Session,
  { uuid, rules }: SetSecurityGroupRulesInput,
  request: RulesRequest,
): Promise<RulesChanged> {
  const isUnclear = rules.some(isPartial);
  if (!isUnclear) {
    refuseFor(request, ruleListIssues(rules.map((rule) => wholeRule(rule))));
  }
  const { isDryRun, wantedBefore, ifModified } = request;
  const isRead = isUnclear || isDryRun || wantedBefore !== null || ifModified !== null;
  const current = isRead ? await currentOf(session, uuid, request) : undefined;
  const planned = plannedRules(rules, current);
  refuseFor(request, [...goneIssues(rules, current), ...ruleListIssues(planned)]);
  return write(session, uuid, planned, 0, current, request);
}

/**
 * Adds rules to those that are there: looks, and sets all of them.
 *
 * @throws {InvalidInputError} @throws {ModifiedSince} @throws {UpstreamFailure}
 */
export async function addSecurityGroupRules(
  session: Session,
  { uuid, rules }: SetSecurityGroupRulesInput,
  request: RulesRequest,
): Promise<RulesChanged> {
  const planned = plannedRules(rules);
  refuseFor(request, [
    ...(rules.length === 0 ? [{ path: ['rules'], message: 'must be at least one' }] : []),
    ...newRulesIssues(rules, 'must be null: rules that are added are new'),
    ...ruleListIssues(planned),
  ]);
  const current = await currentOf(session, uuid, request);
  refuseFor(request, ruleListIssues(planned, current.rules));
  const all = [...current.rules.map(leftAlone), ...planned];
  return write(session, uuid, all, current.rules.length, current, request);
}

/**
 * Removes rules from those that are there: looks, and sets the others.
 *
 * @throws {InvalidInputError} @throws {ModifiedSince} @throws {UpstreamFailure}
 */
export async function removeSecurityGroupRules(
  session: Session,
  { uuid, ruleIds }: RemoveSecurityGroupRulesInput,
  request: RulesRequest,
): Promise<RulesChanged> {
  const about = (index: number, message: string): Issue[] => [
    { path: ['ruleIds', String(index)], message },
  ];
  const removed = new Set<number | null>();
  refuseFor(request, [
    ...(ruleIds.length === 0 ? [{ path: ['ruleIds'], message: 'must be at least one' }] : []),
    ...ruleIds.flatMap((id, at) => {
      const isKnown = removed.has(id);
      removed.add(id);
      return isKnown ? about(at, 'is given twice') : [];
    }),
  ]);
  const current = await currentOf(session, uuid, request);
  refuseFor(
    request,
    ruleIds.flatMap((id, at) =>
      current.rows.has(id) ? [] : about(at, 'is no rule of this group'),
    ),
  );
  const others = current.rules.filter(({ ruleId }) => !removed.has(ruleId));
  return write(session, uuid, others.map(leftAlone), others.length, current, request);
}

/**
 * Sets rules, or says what that would do.
 *
 * @param before - how many of them come before those of the input
 * @param current - as it was looked at; undefined when it was not
 */
async function write(
  session: Session,
  uuid: string,
  planned: readonly PlannedRule[],
  before: number,
  current: Current | undefined,
  request: RulesRequest,
): Promise<RulesChanged> {
  const { isDryRun, wantedBefore } = request;
  const diff =
    current === undefined || wantedBefore === null ? null : diffOf(session, current, planned);
  if (isDryRun && current !== undefined) {
    await refuseUnlessOk(current);
    const { group } = current;
    return { uuid, row: group, settled: true, detail: null, diff, isDryRun };
  }
  const sent = securityGroupRules(waldurOf(session), uuid, planned, before);
  // What the request depends on was looked at, if at all, together with the rules.
  const asLookedAt = current === undefined ? request : { ...request, ifModified: null };
  const changed = await change<SecurityGroup>(session, securityGroupNoun, uuid, sent, asLookedAt);
  return { ...changed, diff, isDryRun };
}

/** As Waldur would refuse it. */
async function refuseUnlessOk({ group }: Current): Promise<void> {
  if ((await group.get('state')) !== 'OK') {
    throw stateRefusal(['OK']);
  }
}

function diffOf(session: Session, current: Current, planned: readonly PlannedRule[]): GroupDiff {
  const { group, rules, rows } = current;
  return {
    ...rulesDiff(rules, planned, waldurOf(session).clientAddress),
    group,
    rowOf: ({ ruleId }) => rows.get(ruleId) as RuleRow,
  };
}

function leftAlone(rule: WholeRule): PlannedRule {
  return { ...rule, index: null };
}

/** As they would be, each with its place. */
function plannedRules(rules: readonly SecurityGroupRuleInput[], current?: Current): PlannedRule[] {
  const kept = new Map(current?.rules.map((rule) => [rule.ruleId, rule]));
  return rules.map((rule, index) => ({
    ...wholeRule(rule, rule.ruleId == null ? undefined : kept.get(rule.ruleId)),
    index,
  }));
}

/** Kept rules that the group has not; nothing is said of a group that was not looked at. */
function goneIssues(
  rules: readonly SecurityGroupRuleInput[],
  current: Current | undefined,
): Issue[] {
  return rules.flatMap(({ ruleId }, index) =>
    current === undefined || ruleId == null || current.rows.has(ruleId)
      ? []
      : [{ path: ['rules', String(index), 'ruleId'], message: 'is no rule of this group' }],
  );
}

/** @throws {ModifiedSince} @throws {UpstreamFailure} `not-found` too */
async function currentOf(session: Session, uuid: string, request: RulesRequest): Promise<Current> {
  const { isDryRun, wanted, wantedBefore } = request;
  const needed: Wanted = { rules: {}, ...(isDryRun ? { state: {} } : {}) };
  const shown = union(wantedBefore ?? {}, isDryRun ? wanted : {});
  const group = await readUnmodified<SecurityGroup>(
    session,
    securityGroupNoun,
    uuid,
    request,
    union(shown, needed),
  );
  return currentIn(group);
}

async function currentIn(group: Row<SecurityGroup>): Promise<Current> {
  const rows = await group.get('rules');
  const rules = rows.map(toWholeRule);
  return {
    group,
    rules,
    rows: new Map(rules.map(({ ruleId }, at) => [ruleId, rows[at] as RuleRow])),
  };
}

function toWholeRule(rule: RuleRow): WholeRule {
  const read = <P extends keyof SecurityGroupRule>(property: P) =>
    rule.read(property) as SecurityGroupRule[P];
  return {
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
}
