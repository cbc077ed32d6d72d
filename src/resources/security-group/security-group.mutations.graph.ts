/** Changing OpenStack security groups. */

import { builder } from '../../graph/builder.ts';
import { addMutation } from '../../graph/mutation.ts';
import { addUpkeep, checkOne } from '../resource/resource.mutations.graph.ts';
import {
  createSecurityGroup,
  replaceSecurityGroup,
  securityGroupUpkeep,
  updateSecurityGroup,
} from './security-group.access.ts';
import { SecurityGroupRef } from './security-group.graph.ts';
import type {
  CreateSecurityGroupInput,
  ReplaceSecurityGroupInput,
  UpdateSecurityGroupInput,
} from './security-group.model.ts';
import { SecurityGroupRuleInputRef } from './security-group.rules.graph.ts';

const shows = { field: 'securityGroup', ref: SecurityGroupRef };
const uuidField = { type: 'UUID', required: true, description: "Waldur's identifier." } as const;
const name = '1 to 150 characters, unlike any other in the tenant, and not "default"';

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
        description:
          'What it allows: no two the same, and as many as the quota of the tenant still allows.',
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
  takesIfModified: true,
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
  takesIfModified: true,
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

addUpkeep({
  name: 'SecurityGroup',
  noun: 'security group',
  shows,
  upkeep: securityGroupUpkeep,
  beforeDeletion:
    'Servers and ports that have it lose it; the group named default cannot be deleted.',
});
