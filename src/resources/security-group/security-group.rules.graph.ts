/** Rules as they would be: what a change of them comes to, and what to think of before. */

import { builder } from '../../graph/builder.ts';
import { givenArgument } from '../../graph/given.ts';
import { asInputError } from '../../graph/input-error.ts';
import { wantedIn } from '../../graph/selection.ts';
import type { Row } from '../../rows/row.ts';
import { securityGroupByUuid } from './security-group.access.ts';
import type {
  PlannedRule,
  RuleChange,
  RuleWarning,
  RuleWarningKind,
} from './security-group.diff.ts';
import {
  EthertypeRef,
  RuleDirectionRef,
  SecurityGroupRef,
  SecurityGroupRuleRef,
} from './security-group.graph.ts';
import type { SecurityGroupRule, SecurityGroupRuleInput } from './security-group.model.ts';
import { type GroupDiff, securityGroupRulesDiff } from './security-group.rules.access.ts';

export const SecurityGroupRuleInputRef =
  builder.inputRef<SecurityGroupRuleInput>('SecurityGroupRuleInput');

SecurityGroupRuleInputRef.implement({
  description: 'Traffic to allow. With neither cidr nor remoteGroup: to or from everywhere.',
  fields: (t) => ({
    ruleId: t.int({
      description:
        'Keeps this rule of the group, and changes what else is given; whatever is left out stays as it is, defaults notwithstanding. Null makes a new rule.',
    }),
    ethertype: t.field({
      type: EthertypeRef,
      required: true,
      defaultValue: 'IPV4',
      description: 'Of IPv4 or of IPv6.',
    }),
    direction: t.field({
      type: RuleDirectionRef,
      required: true,
      defaultValue: 'INGRESS',
      description: 'Into the instances or out of them.',
    }),
    protocol: t.string({
      description:
        'tcp, udp, icmp, or since Waldur 8.0.9 an IANA number from 0 to 255 as text; null = any protocol.',
    }),
    fromPort: t.int({
      description:
        'The first port, 1 to 65535, for icmp the type, 0 to 255; null = any. Only tcp, udp and icmp have ports.',
    }),
    toPort: t.int({
      description:
        'The last port, not before fromPort, for icmp the code; null = any. For tcp and udp both or neither.',
    }),
    cidr: t.string({
      description:
        'The network at the other end, with its mask, e.g. 10.0.0.0/8 or fd00::/8, as ethertype says; null = any, or those of remoteGroup.',
    }),
    description: t.string({ description: 'Up to 4,096 characters; null for none.' }),
    remoteGroup: t.field({
      type: 'UUID',
      description:
        'Only to or from instances in this security group, not together with cidr; null = no such restriction.',
    }),
  }),
});

const PlannedRuleRef = builder.objectRef<PlannedRule>('PlannedSecurityGroupRule').implement({
  description: 'A rule as it would be, with everything that was not said filled in.',
  shareable: true,
  fields: (t) => ({
    index: t.exposeInt('index', {
      nullable: true,
      description: 'Its place in the input, from 0 on; null for one that the input leaves alone.',
    }),
    ruleId: t.exposeInt('ruleId', {
      nullable: true,
      description: 'The rule that it is; null for one that is still to be made.',
    }),
    ethertype: t.expose('ethertype', { type: EthertypeRef, description: 'Of IPv4 or of IPv6.' }),
    direction: t.expose('direction', {
      type: RuleDirectionRef,
      description: 'Into the instances or out of them.',
    }),
    protocol: t.exposeString('protocol', {
      nullable: true,
      description: 'tcp, udp, icmp or an IANA number as text; null = any protocol.',
    }),
    fromPort: t.exposeInt('fromPort', {
      nullable: true,
      description: 'The first port, for icmp the type; null = any.',
    }),
    toPort: t.exposeInt('toPort', {
      nullable: true,
      description: 'The last port, for icmp the code; null = any.',
    }),
    cidr: t.exposeString('cidr', {
      nullable: true,
      description: 'The addresses at the other end; null = any, or those of the remote group.',
    }),
    description: t.exposeString('description', { description: 'Empty when it has none.' }),
    remoteGroupUuid: t.field({
      type: 'UUID',
      nullable: true,
      description: 'Only to or from instances in this group; null = no such restriction.',
      resolve: ({ remoteGroup }) => remoteGroup,
    }),
    remoteGroup: t.field({
      type: SecurityGroupRef,
      nullable: true,
      description:
        'That group; null as well when there is none of this uuid, or the caller may not see it.',
      resolve: ({ remoteGroup }, _args, { session }, info) =>
        remoteGroup === null ? null : securityGroupByUuid(session, remoteGroup, wantedIn(info)),
    }),
  }),
});

const RuleWarningKindRef = builder.enumType('SecurityGroupRuleWarningKind', {
  description: 'What there is to think of before rules are changed.',
  values: {
    OPEN_TO_THE_WORLD: {
      description:
        'A rule lets every address in to a port for remote logins, 22 or 3389, or to one of the usual ports of databases: 1433, 1521, 3306, 5432, 5984, 6379, 9042, 9200, 11211, 27017.',
    },
    SHADOWED: {
      description:
        'All traffic of a rule is allowed by another one of the same direction and ethertype, so that it changes nothing. Who is in a remote group is not looked at, and more than 500 rules are not compared.',
    },
    OWN_ACCESS_REMOVED: {
      description:
        "The caller's own address, as this gateway sees it, is let in to 22 or 3389, or at all, and after the change it is not: not by this group, whatever others an instance may be in. Nothing is said when the address is not known.",
    },
  } satisfies Record<RuleWarningKind, object>,
});

const RuleWarningRef = builder.objectRef<RuleWarning>('SecurityGroupRuleWarning').implement({
  description: 'Something to think of. It keeps nothing from being done.',
  shareable: true,
  fields: (t) => ({
    kind: t.expose('kind', { type: RuleWarningKindRef, description: 'What it is about.' }),
    message: t.exposeString('message', { description: 'For people; may change.' }),
    rule: t.field({
      type: PlannedRuleRef,
      nullable: true,
      description: 'The rule that it is about; null when it is about all of them.',
      resolve: ({ rule }) => rule,
    }),
    coveredBy: t.field({
      type: PlannedRuleRef,
      nullable: true,
      description: 'For SHADOWED, the first rule that allows all of it; null for others.',
      resolve: ({ coveredBy }) => coveredBy,
    }),
    ports: t.field({
      type: ['Int'],
      description:
        'For OPEN_TO_THE_WORLD, which of those ports; for OWN_ACCESS_REMOVED, which of 22 and 3389, empty when neither was open before. In no particular order.',
      resolve: ({ ports }) => [...ports],
    }),
    isNew: t.exposeBoolean('isNew', {
      description: 'Whether the change brings it about; false when a rule that is kept has it.',
    }),
  }),
});

/** A change, with the group's rule that it is of. */
type RuleChangeInGroup = RuleChange & { readonly rule: Row<SecurityGroupRule> };

const RuleChangeRef = builder.objectRef<RuleChangeInGroup>('SecurityGroupRuleChange').implement({
  description: 'A rule that keeps its ruleId and becomes otherwise.',
  shareable: true,
  fields: (t) => ({
    before: t.field({
      type: SecurityGroupRuleRef,
      description: 'As it is now.',
      resolve: ({ rule }) => rule,
    }),
    after: t.field({
      type: PlannedRuleRef,
      description: 'As it would be.',
      resolve: ({ after }) => after,
    }),
    properties: t.field({
      type: ['String'],
      description:
        'The fields of SecurityGroupRule that differ, e.g. cidr; at least one, in no particular order.',
      resolve: ({ properties }) => [...properties],
    }),
  }),
});

export const RulesDiffRef = builder.objectRef<GroupDiff>('SecurityGroupRulesDiff').implement({
  description:
    'What a change comes to. A rule is the same for as long as it keeps its ruleId: one that is given without a ruleId is added, and one whose ruleId is not given is removed, also when both allow the same.',
  shareable: true,
  fields: (t) => ({
    securityGroup: t.field({
      type: SecurityGroupRef,
      description:
        'The group before the change. Its `modified`, given as ifModified, has the change refused if it is another by then.',
      extensions: { property: 'securityGroup' },
      resolve: ({ group }, _args, _context, info) => {
        group.want(wantedIn(info));
        return group;
      },
    }),
    added: t.field({
      type: [PlannedRuleRef],
      description: 'Rules without a ruleId, in the order of the input.',
      resolve: ({ added }) => [...added],
    }),
    removed: t.field({
      type: [SecurityGroupRuleRef],
      description: "Rules that the group would not have any more, in the group's order.",
      resolve: ({ removed, rowOf }) => removed.map(rowOf),
    }),
    changed: t.field({
      type: [RuleChangeRef],
      description: 'Rules of the same ruleId that become otherwise, in the order of the input.',
      resolve: ({ changed, rowOf }) =>
        changed.map((change) => ({ ...change, rule: rowOf(change.before) })),
    }),
    kept: t.field({
      type: [SecurityGroupRuleRef],
      description:
        "Rules that stay as they are, in the order of the input, or in the group's where the input leaves them alone.",
      resolve: ({ kept, rowOf }) => kept.map(rowOf),
    }),
    warnings: t.field({
      type: [RuleWarningRef],
      description:
        'About all rules as they would be, those that are kept included; by kind, and then in the order of the rules. Often none.',
      resolve: ({ warnings }) => [...warnings],
    }),
  }),
});

builder.queryField('securityGroupRulesDiff', (t) =>
  t.field({
    type: RulesDiffRef,
    nullable: true,
    description:
      'What setSecurityGroupRules would change with these rules, in one call and without changing anything; null when there is no such group or the caller may not see it. Every fault of the rules is in `extensions.issues` of one error.',
    args: {
      uuid: t.arg({ type: 'UUID', required: true, description: "Waldur's identifier." }),
      rules: t.arg({
        type: [SecurityGroupRuleInputRef],
        required: true,
        description: 'All that the group shall have, as for setSecurityGroupRules.',
      }),
    },
    resolve: (_root, { uuid, rules }, context, info) => {
      const written = withoutDefaults(rules, givenArgument(info, context, 'rules'));
      const wanted = wantedIn(info).securityGroup ?? {};
      return securityGroupRulesDiff(context.session, uuid, written, wanted).catch(asInputError);
    },
  }),
);

/**
 * The rules as they were written: the defaults of a new rule must not change one that is kept.
 *
 * @param given - the same list before defaults; GraphQL takes a single value for a list of one
 */
export function withoutDefaults(
  rules: readonly SecurityGroupRuleInput[],
  given: unknown,
): SecurityGroupRuleInput[] {
  const written = (Array.isArray(given) ? given : [given]) as readonly Partial<
    Record<keyof SecurityGroupRuleInput, unknown>
  >[];
  return rules.map((rule, index) => ({
    ...rule,
    ...(written[index]?.ethertype === undefined ? { ethertype: undefined } : {}),
    ...(written[index]?.direction === undefined ? { direction: undefined } : {}),
  }));
}
