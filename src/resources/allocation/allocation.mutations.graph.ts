/** Changing OpenPortal allocations. */

import type { InputFieldBuilder } from '@pothos/core';
import { builder, type GraphTypes } from '../../graph/builder.ts';
import { addMutation } from '../../graph/mutation.ts';
import { addUpkeep, checkOne } from '../resource/resource.mutations.graph.ts';
import {
  allocationUpkeep,
  createAllocation,
  replaceAllocation,
  setAllocationLimits,
  updateAllocation,
} from './allocation.access.ts';
import { AllocationRef } from './allocation.graph.ts';
import type {
  CreateAllocationInput,
  ReplaceAllocationInput,
  SetAllocationLimitsInput,
  UpdateAllocationInput,
} from './allocation.model.ts';

const shows = { field: 'allocation', ref: AllocationRef };
const uuidField = { type: 'UUID', required: true, description: "Waldur's identifier." } as const;

type Fields = InputFieldBuilder<PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>, 'InputObject'>;

const whole = (t: Fields, absent: { limit: string; text: string }) => ({
  name: t.string({ required: true, description: '1 to 150 characters.' }),
  description: t.string({ description: `Up to 4,096 characters; null ${absent.text}.` }),
  nodeLimit: t.field({
    type: 'BigInt',
    description: `Node-hours that may be used, 0 to 2^63 - 1; null = ${absent.limit}.`,
  }),
  groupname: t.string({
    description: `The Unix group at the site, up to 64 characters; null ${absent.text}.`,
  }),
});

const CreateAllocationInputRef = builder
  .inputRef<CreateAllocationInput>('CreateAllocationInput')
  .implement({
    description: 'An allocation to be.',
    fields: (t) => ({
      project: t.field({ type: 'UUID', required: true, description: 'Whose it will be.' }),
      serviceSettings: t.field({
        type: 'UUID',
        required: true,
        description: 'The OpenPortal site, by the uuid of its service settings.',
      }),
      ...whole(t, { limit: "the site's default", text: 'for none' }),
    }),
  });

const UpdateAllocationInputRef = builder
  .inputRef<UpdateAllocationInput>('UpdateAllocationInput')
  .implement({
    description: 'What to change (PATCH): null and what is left out stay as they are.',
    fields: (t) => ({
      uuid: t.field(uuidField),
      name: t.string({ description: '1 to 150 characters; null leaves it.' }),
      description: t.string({
        description: 'Up to 4,096 characters, may be empty; null leaves it.',
      }),
      nodeLimit: t.field({
        type: 'BigInt',
        description:
          'Node-hours that may be used, 0 to 2^63 - 1, as Waldur shall keep it. Null is refused: only setAllocationLimits makes it unlimited.',
      }),
      groupname: t.string({
        description: 'The Unix group at the site, up to 64 characters; null leaves it.',
      }),
    }),
  });

const ReplaceAllocationInputRef = builder
  .inputRef<ReplaceAllocationInput>('ReplaceAllocationInput')
  .implement({
    description: 'All that can be written (PUT).',
    fields: (t) => ({
      uuid: t.field(uuidField),
      project: t.field({
        type: 'UUID',
        required: true,
        description: 'Whose it is. Waldur does not move allocations: it keeps the project it has.',
      }),
      serviceSettings: t.field({
        type: 'UUID',
        required: true,
        description: 'The OpenPortal site. Waldur keeps the one it has.',
      }),
      ...whole(t, { limit: '0', text: 'empties it' }),
    }),
  });

const SetAllocationLimitsInputRef = builder
  .inputRef<SetAllocationLimitsInput>('SetAllocationLimitsInput')
  .implement({
    description: 'Limits of an allocation.',
    fields: (t) => ({
      uuid: t.field(uuidField),
      nodeLimit: t.field({
        type: 'BigInt',
        description: 'Node-hours that may be used, 0 to 2^63 - 1; null = unlimited.',
      }),
    }),
  });

addMutation({
  name: 'createAllocation',
  description:
    'Creates an allocation in a project. It begins as CREATION_SCHEDULED and has settled once it is OK or ERRED; by then Waldur has put the default of the site in the place of nodeLimit, which setAllocationLimits changes.',
  shows,
  settles: true,
  args: (arg) => ({
    input: arg({ type: CreateAllocationInputRef, required: true, description: 'What to create.' }),
  }),
  checkWith: ({ input }) =>
    `{ allocations(filter: { project: "${input.project}", nameExact: ${JSON.stringify(input.name.trim())} }) { nodes { uuid state created } } }`,
  run: (session, { input }, request) => createAllocation(session, input, request),
});

addMutation({
  name: 'updateAllocation',
  description: 'Changes what Waldur keeps of an allocation, at once. Its state has to be OK.',
  shows,
  settles: false,
  takesIfModified: true,
  args: (arg) => ({
    input: arg({ type: UpdateAllocationInputRef, required: true, description: 'What to change.' }),
  }),
  checkWith: ({ input: { uuid } }) => checkOne('allocation', uuid),
  run: (session, { input }, request) => updateAllocation(session, input, request),
});

addMutation({
  name: 'replaceAllocation',
  description: 'Writes anew what Waldur keeps of an allocation, at once. Its state has to be OK.',
  shows,
  settles: false,
  takesIfModified: true,
  args: (arg) => ({
    input: arg({
      type: ReplaceAllocationInputRef,
      required: true,
      description: 'What it shall be.',
    }),
  }),
  checkWith: ({ input: { uuid } }) => checkOne('allocation', uuid),
  run: (session, { input }, request) => replaceAllocation(session, input, request),
});

addMutation({
  name: 'setAllocationLimits',
  description:
    'Sets the limits at the site. For staff alone; its state has to be OK, ERRED or UPDATE_SCHEDULED.',
  shows,
  settles: true,
  takesIfModified: true,
  isForStaff: true,
  args: (arg) => ({
    input: arg({
      type: SetAllocationLimitsInputRef,
      required: true,
      description: 'The allocation and its limits.',
    }),
  }),
  checkWith: ({ input: { uuid } }) =>
    `{ allocation(uuid: "${uuid}") { state modified nodeLimit } }`,
  run: (session, { input }, request) => setAllocationLimits(session, input, request),
});

addUpkeep({ name: 'Allocation', noun: 'allocation', shows, upkeep: allocationUpkeep });
