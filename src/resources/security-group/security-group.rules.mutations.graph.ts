/** Changing the rules of security groups. */

import type { GraphQLResolveInfo } from 'graphql';
import { builder } from '../../graph/builder.ts';
import { givenArgument } from '../../graph/given.ts';
import { addMutation } from '../../graph/mutation.ts';
import { wantedAlong } from '../../graph/selection.ts';
import type { ChangeRequest } from '../../session/changes.ts';
import { SecurityGroupRef } from './security-group.graph.ts';
import type {
  RemoveSecurityGroupRulesInput,
  SetSecurityGroupRulesInput,
} from './security-group.model.ts';
import {
  addSecurityGroupRules,
  type GroupDiff,
  type RulesChanged,
  type RulesRequest,
  removeSecurityGroupRules,
  setSecurityGroupRules,
} from './security-group.rules.access.ts';
import {
  RulesDiffRef,
  SecurityGroupRuleInputRef,
  withoutDefaults,
} from './security-group.rules.graph.ts';

const shows = { field: 'securityGroup', ref: SecurityGroupRef };
const uuidField = { type: 'UUID', required: true, description: "Waldur's identifier." } as const;

const SetSecurityGroupRulesInputRef = builder
  .inputRef<SetSecurityGroupRulesInput>('SetSecurityGroupRulesInput')
  .implement({
    description: 'All rules that a group shall have.',
    fields: (t) => ({
      uuid: t.field(uuidField),
      rules: t.field({
        type: [SecurityGroupRuleInputRef],
        required: true,
        description:
          'No two the same, and together with those of its other groups as many as the quota of the tenant allows, mostly 100. A rule of the group whose ruleId is not listed is deleted; none deletes all.',
      }),
    }),
  });

const AddSecurityGroupRulesInputRef = builder
  .inputRef<SetSecurityGroupRulesInput>('AddSecurityGroupRulesInput')
  .implement({
    description: 'Rules that a group shall have beside those that it has.',
    fields: (t) => ({
      uuid: t.field(uuidField),
      rules: t.field({
        type: [SecurityGroupRuleInputRef],
        required: true,
        description:
          'At least one, each without a ruleId and unlike all others, and as many as the quota of the tenant still allows.',
      }),
    }),
  });

const RemoveSecurityGroupRulesInputRef = builder
  .inputRef<RemoveSecurityGroupRulesInput>('RemoveSecurityGroupRulesInput')
  .implement({
    description: 'Rules that a group shall not have any more.',
    fields: (t) => ({
      uuid: t.field(uuidField),
      ruleIds: t.field({
        type: ['Int'],
        required: true,
        description: 'At least one, each of a rule of the group and no two the same.',
      }),
    }),
  });

const dryRunArg = {
  required: true,
  defaultValue: false,
  description:
    'True: nothing is sent; the success shows in `diff` what would change, and the group as it is. Refused is what would be refused as far as that is known here: rights and quotas are not.',
} as const;

/** The request with what the success shows beside the group. */
function rulesRequest(
  request: ChangeRequest,
  info: GraphQLResolveInfo,
  success: string,
  isDryRun: boolean,
): RulesRequest {
  const diff = wantedAlong(info, [[success, 'diff']]);
  return {
    ...request,
    isDryRun,
    wantedBefore: diff === undefined ? null : (diff.securityGroup ?? {}),
  };
}

const asLookedAt =
  'Waldur can only replace all rules, so the group is read, and all its rules are written: a rule that somebody else adds or removes in between is lost or comes back, unless Waldur refuses the write because it is still at work on that change, as it is for two seconds at least.';

const SetSuccessRef = addMutation({
  name: 'setSecurityGroupRules',
  description:
    'Replaces all rules of a group, the one named default included; its state has to be OK. The new rules are seen at once, and in force once it has settled.',
  shows,
  settles: true,
  takesIfModified: true,
  args: (arg) => ({
    input: arg({
      type: SetSecurityGroupRulesInputRef,
      required: true,
      description: 'The group and its rules.',
    }),
    dryRun: arg.boolean(dryRunArg),
  }),
  checkWith: ({ input: { uuid } }) => checkRules(uuid),
  run: (session, { input, dryRun }, request, { info, context }) => {
    const given = givenArgument(info, context, 'input') as { readonly rules?: unknown } | undefined;
    return setSecurityGroupRules(
      session,
      { uuid: input.uuid, rules: withoutDefaults(input.rules, given?.rules) },
      rulesRequest(request, info, 'SetSecurityGroupRulesSuccess', dryRun),
    );
  },
});

const AddSuccessRef = addMutation({
  name: 'addSecurityGroupRules',
  description: `Adds rules to a group and leaves all others; its state has to be OK. ${asLookedAt}`,
  shows,
  settles: true,
  takesIfModified: true,
  args: (arg) => ({
    input: arg({
      type: AddSecurityGroupRulesInputRef,
      required: true,
      description: 'The group and its new rules.',
    }),
    dryRun: arg.boolean(dryRunArg),
  }),
  checkWith: ({ input: { uuid } }) => checkRules(uuid),
  run: (session, { input, dryRun }, request, { info }) =>
    addSecurityGroupRules(
      session,
      input,
      rulesRequest(request, info, 'AddSecurityGroupRulesSuccess', dryRun),
    ),
});

const RemoveSuccessRef = addMutation({
  name: 'removeSecurityGroupRules',
  description: `Removes rules of a group and leaves all others; its state has to be OK. ${asLookedAt}`,
  shows,
  settles: true,
  takesIfModified: true,
  args: (arg) => ({
    input: arg({
      type: RemoveSecurityGroupRulesInputRef,
      required: true,
      description: 'The group and which of its rules.',
    }),
    dryRun: arg.boolean(dryRunArg),
  }),
  checkWith: ({ input: { uuid } }) => checkRules(uuid),
  run: (session, { input, dryRun }, request, { info }) =>
    removeSecurityGroupRules(
      session,
      input,
      rulesRequest(request, info, 'RemoveSecurityGroupRulesSuccess', dryRun),
    ),
});

function checkRules(uuid: string): string {
  return `{ securityGroup(uuid: "${uuid}") { state modified rules { ruleId direction ethertype protocol fromPort toPort cidr remoteGroup { uuid } } } }`;
}

for (const SuccessRef of [SetSuccessRef, AddSuccessRef, RemoveSuccessRef]) {
  builder.objectFields(SuccessRef, (t) => ({
    diff: t.field({
      type: RulesDiffRef,
      description:
        'From the rules that were there, for which they are read first, to those that were written or would be.',
      resolve: (changed) => (changed as RulesChanged).diff as GroupDiff,
    }),
    dryRun: t.boolean({
      description: 'Whether this was a dry run, and nothing was sent.',
      resolve: (changed) => (changed as RulesChanged).isDryRun,
    }),
  }));
}
