/** Changing virtual machines. */

import type { InputFieldBuilder } from '@pothos/core';
import { builder, type GraphTypes } from '../../graph/builder.ts';
import { addMutation } from '../../graph/mutation.ts';
import { TaskRef } from '../task/task.graph.ts';
import { VirtualMachineRef } from './virtual-machine.graph.ts';
import type {
  DefinitionInput,
  DeployInput,
  LinksInput,
  MachineRef,
  PowerInput,
  UpdateInput,
} from './virtual-machine.model.ts';
import {
  changePower,
  deleteVirtualMachine,
  deployVirtualMachine,
  setLinks,
  updateDefinition,
  updateVirtualMachine,
} from './virtual-machine.writes.access.ts';

const shows = { field: 'virtualMachine', ref: VirtualMachineRef };

type Fields = InputFieldBuilder<PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>, 'InputObject'>;

/** Which machine. */
export const refFields = (t: Fields) => ({
  hostname: t.string({
    description: 'Its full name; null where uuid is given. Exactly one of the two is needed.',
  }),
  uuid: t.field({
    type: 'UUID',
    description: "Danube's identifier; null where hostname is given.",
  }),
  datacenter: t.string({ description: 'Where it is; null = the configured default.' }),
});

/** The query that shows whether a change of a machine was carried out. */
export function checkMachine({ hostname, uuid, datacenter }: MachineRef): string {
  const name = hostname == null ? `uuid: "${uuid}"` : `hostname: ${JSON.stringify(hostname)}`;
  const place = datacenter == null ? '' : `, datacenter: ${JSON.stringify(datacenter)}`;
  return `{ virtualMachine(${name}${place}) { status changed tags tasks { taskId status } } }`;
}

const RefInputRef = builder.inputRef<MachineRef>('VirtualMachineRefInput').implement({
  description: 'A machine.',
  fields: refFields,
});

const DeployInputRef = builder.inputRef<DeployInput>('DeployVirtualMachineInput').implement({
  description: 'A machine to deploy, and what becomes of one that is deployed already.',
  fields: (t) => ({
    ...refFields(t),
    recreate: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Destroys the machine, which has to be stopped, and deploys it again.',
    }),
    confirm: t.boolean({
      required: true,
      defaultValue: false,
      description: 'That its disks may be lost; recreate is refused without.',
    }),
  }),
});

const UpdateInputRef = builder.inputRef<UpdateInput>('UpdateVirtualMachineInput').implement({
  description: 'A machine whose definition is to be carried over.',
  fields: (t) => ({
    ...refFields(t),
    force: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Reads the definition from the node instead of sending it there.',
    }),
    node: t.string({
      description:
        'For SuperAdmins, and with force alone: the node that the machine was restored on by hand, as after a disaster; null = the one it is known to be on. Nobody checks what that node has room for.',
    }),
  }),
});

const StopInputRef = builder.inputRef<PowerInput>('StopVirtualMachineInput').implement({
  description: 'A machine to stop or to reboot, and how.',
  fields: (t) => ({
    ...refFields(t),
    force: t.boolean({ description: 'Without asking its system; null = it is asked.' }),
    timeoutSeconds: t.int({
      description:
        'How long its system may take, in seconds, 1 to 3600; null = 180, with Windows 300.',
    }),
  }),
});

const DefinitionInputRef = builder
  .inputRef<DefinitionInput>('UpdateVirtualMachineDefinitionInput')
  .implement({
    description: 'What to change of a definition: null and what is left out stay as they are.',
    fields: (t) => ({
      ...refFields(t),
      alias: t.string({ description: 'Short name, 4 to 24 characters; null leaves it.' }),
      vcpus: t.int({ description: 'Virtual processors, 1 to 1024; null leaves them.' }),
      ramMiB: t.int({ description: 'Memory in MiB, 1 to 1048576; null leaves it.' }),
      tags: t.stringList({ description: 'All tags that it shall have; null leaves them.' }),
      note: t.string({ description: 'For people; null leaves it.' }),
      mdata: t.field({
        type: 'JSON',
        description: 'All metadata that it shall have, texts by name; null leaves it.',
      }) as never,
      owner: t.string({ description: "A user's name; null leaves the owner." }),
      node: t.string({
        description: 'The node to deploy it on, while it is not deployed; null leaves it.',
      }),
    }),
  });

const LinksInputRef = builder.inputRef<LinksInput>('SetVirtualMachineLinksInput').implement({
  description:
    "A machine's owners in Waldur, kept as its tags: what is left out stays, null unlinks, other tags are left alone.",
  fields: (t) => ({
    ...refFields(t),
    project: t.field({ type: 'UUID', description: 'The Waldur project; null = none.' }),
    customer: t.field({ type: 'UUID', description: 'The Waldur customer; null = none.' }),
    tenant: t.field({ type: 'UUID', description: 'The OpenStack tenant; null = none.' }),
  }),
});

const checkWith = ({ input }: { readonly input: MachineRef }) => checkMachine(input);

addMutation({
  name: 'deployVirtualMachine',
  description:
    'Deploys a defined machine (POST), for administrators of its datacenter alone. One that is deployed is a Conflict, unless recreate destroys it and deploys it again, which its owner may do as well, and which has to be confirmed.',
  shows,
  settles: true,
  task: TaskRef,
  args: (arg) => ({
    input: arg({ type: DeployInputRef, required: true, description: 'Which machine.' }),
  }),
  checkWith: (args) => checkWith(args),
  run: (session, { input }, request) => deployVirtualMachine(session, input, request),
});

addMutation({
  name: 'updateVirtualMachine',
  description:
    'Carries a changed definition over to the compute node (PUT), or with force reads it from there; for administrators of the datacenter alone. The machine has to be running or stopped.',
  shows,
  settles: true,
  tells: true,
  task: TaskRef,
  args: (arg) => ({
    input: arg({ type: UpdateInputRef, required: true, description: 'Which machine.' }),
  }),
  checkWith: (args) => checkWith(args),
  run: (session, { input }, request) => updateVirtualMachine(session, input, request),
});

addMutation({
  name: 'deleteVirtualMachine',
  description:
    'Destroys a stopped machine on its node (DELETE), for administrators of its datacenter alone. Its definition stays, and can be deployed again. When the task fails, the status is what it was before.',
  shows,
  settles: true,
  task: TaskRef,
  args: (arg) => ({
    input: arg({ type: RefInputRef, required: true, description: 'Which machine.' }),
  }),
  checkWith: (args) => checkWith(args),
  run: (session, { input }, request) => deleteVirtualMachine(session, input, request),
});

const pushed = 'A definition that was changed is carried over to the node with it.';

addMutation({
  name: 'startVirtualMachine',
  description: `Starts a stopped machine. ${pushed}`,
  shows,
  settles: true,
  task: TaskRef,
  args: (arg) => ({
    input: arg({ type: RefInputRef, required: true, description: 'Which machine.' }),
  }),
  checkWith: (args) => checkWith(args),
  run: (session, { input }, request) => changePower(session, 'start', input, request),
});

for (const [action, what] of [
  ['stop', 'Stops a running machine.'],
  ['reboot', `Stops a running machine and starts it again. ${pushed}`],
] as const) {
  addMutation({
    name: `${action}VirtualMachine`,
    description: what,
    shows,
    settles: true,
    task: TaskRef,
    args: (arg) => ({
      input: arg({ type: StopInputRef, required: true, description: 'Which machine, and how.' }),
    }),
    checkWith: (args) => checkWith(args),
    run: (session, { input }, request) => changePower(session, action, input, request),
  });
}

addMutation({
  name: 'updateVirtualMachineDefinition',
  description:
    'Changes what is defined, at once and in the database alone: `changed` then says that updateVirtualMachine is due. For administrators of the datacenter alone.',
  shows,
  settles: false,
  args: (arg) => ({
    input: arg({ type: DefinitionInputRef, required: true, description: 'What to change.' }),
  }),
  checkWith: (args) => checkWith(args),
  run: (session, { input }, request) => updateDefinition(session, input, request),
});

addMutation({
  name: 'setVirtualMachineLinks',
  description:
    'Links a machine to its owners in Waldur, at once; for administrators of its datacenter alone.',
  shows,
  settles: false,
  args: (arg) => ({
    input: arg({ type: LinksInputRef, required: true, description: 'Which links.' }),
  }),
  checkWith: (args) => checkWith(args),
  run: (session, { input }, request) => setLinks(session, input, request),
});
