/** Changing OpenStack security groups. */

import { builder } from '../../graph/builder.ts';
import { givenArgument } from '../../graph/given.ts';
import { addMutation } from '../../graph/mutation.ts';
import { addUpkeep, checkOne } from '../resource/resource.mutations.graph.ts';
import {
  createSecurityGroup,
  replaceSecurityGroup,
  securityGroupUpkeep,
  setSecurityGroupRules,
  updateSecurityGroup,
} from './security-group.access.ts';
import { EthertypeRef, RuleDirectionRef, SecurityGroupRef } from './security-group.graph.ts';
import type {
  CreateSecurityGroupInput,
  ReplaceSecurityGroupInput,
  SecurityGroupRuleInput,
  SetSecurityGroupRulesInput,
  UpdateSecurityGroupInput,
} from './security-group.model.ts';

const shows = { field: 'securityGroup', ref: SecurityGroupRef };
const uuidField = { type: 'UUID', required: true, description: "Waldur's identifier." } as const;
const name = '1 to 150 characters, unlike any other in the tenant, and not "default"';

const SecurityGroupRuleInputRef = builder
  .inputRef<SecurityGroupRuleInput>('SecurityGroupRuleInput')
  .implement({
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

const CreateSecurityGroupInputRef = builder
  .inputRef<CreateSecurityGroupInput>('CreateSecurityGroupInput')
  .implement({
    description: 'A security group to be.',
    fields: (t) => ({
      tenant: t.field({
        type: 'UUID',
        required: true,
        description: 'Where to create it; its state has to be OK.',
      }),
      name: t.string({ required: true, description: `${name}.` }),
      description: t.string({ description: 'Up to 4,096 characters; null for none.' }),
      rules: t.field({
        type: [SecurityGroupRuleInputRef],
        required: true,
        defaultValue: [],
        description: 'What it allows, at most 100, no two the same.',
      }),
    }),
  });

const UpdateSecurityGroupInputRef = builder
  .inputRef<UpdateSecurityGroupInput>('UpdateSecurityGroupInput')
  .implement({
    description: 'What to change (PATCH): null and what is left out stay as they are.',
    fields: (t) => ({
      uuid: t.field(uuidField),
      name: t.string({ description: `${name}; null leaves it.` }),
      description: t.string({
        description: 'Up to 4,096 characters, may be empty; null leaves it.',
      }),
    }),
  });

const ReplaceSecurityGroupInputRef = builder
  .inputRef<ReplaceSecurityGroupInput>('ReplaceSecurityGroupInput')
  .implement({
    description: 'All that can be written, except for the rules (PUT).',
    fields: (t) => ({
      uuid: t.field(uuidField),
      name: t.string({ required: true, description: `${name}.` }),
      description: t.string({ description: 'Up to 4,096 characters; null empties it.' }),
    }),
  });

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
          'At most 100, no two the same. A rule of the group whose ruleId is not listed is deleted; none deletes all.',
      }),
    }),
  });

addMutation({
  name: 'createSecurityGroup',
  description:
    'Creates a security group in a tenant. It begins as CREATION_SCHEDULED and has settled once it is OK or ERRED.',
  shows,
  settles: true,
  args: (arg) => ({
    input: arg({
      type: CreateSecurityGroupInputRef,
      required: true,
      description: 'What to create.',
    }),
  }),
  checkWith: ({ input }) =>
    `{ securityGroups(filter: { tenant: "${input.tenant}", nameExact: ${JSON.stringify(input.name.trim())} }) { nodes { uuid state created } } }`,
  run: (session, { input }, request) => createSecurityGroup(session, input, request),
});

addMutation({
  name: 'updateSecurityGroup',
  description:
    'Changes name and description, at the backend too. Its state has to be OK; the group named default cannot be changed.',
  shows,
  settles: true,
  args: (arg) => ({
    input: arg({
      type: UpdateSecurityGroupInputRef,
      required: true,
      description: 'What to change.',
    }),
  }),
  checkWith: ({ input: { uuid } }) => checkOne('securityGroup', uuid),
  run: (session, { input }, request) => updateSecurityGroup(session, input, request),
});

addMutation({
  name: 'replaceSecurityGroup',
  description:
    'Writes name and description anew, at the backend too. Its state has to be OK; the group named default cannot be changed.',
  shows,
  settles: true,
  args: (arg) => ({
    input: arg({
      type: ReplaceSecurityGroupInputRef,
      required: true,
      description: 'What it shall be.',
    }),
  }),
  checkWith: ({ input: { uuid } }) => checkOne('securityGroup', uuid),
  run: (session, { input }, request) => replaceSecurityGroup(session, input, request),
});

addMutation({
  name: 'setSecurityGroupRules',
  description:
    'Replaces all rules of a group, the one named default included; its state has to be OK. The new rules are seen at once, and in force once it has settled.',
  shows,
  settles: true,
  args: (arg) => ({
    input: arg({
      type: SetSecurityGroupRulesInputRef,
      required: true,
      description: 'The group and its rules.',
    }),
  }),
  checkWith: ({ input: { uuid } }) =>
    `{ securityGroup(uuid: "${uuid}") { state modified rules { ruleId direction ethertype protocol fromPort toPort cidr remoteGroup { uuid } } } }`,
  run: (session, { input }, request, { info, context }) => {
    const given = givenArgument(info, context, 'input') as { readonly rules?: unknown } | undefined;
    return setSecurityGroupRules(
      session,
      { uuid: input.uuid, rules: withoutDefaults(input.rules, given?.rules) },
      request,
    );
  },
});

addUpkeep({ name: 'SecurityGroup', noun: 'security group', shows, upkeep: securityGroupUpkeep });

/**
 * The rules as they were written: the defaults of a new rule must not change one that is kept.
 *
 * @param given - the same list before defaults; GraphQL takes a single value for a list of one
 */
function withoutDefaults(
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
