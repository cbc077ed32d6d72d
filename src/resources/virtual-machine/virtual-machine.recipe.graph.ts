/** Changes of machines that take several steps. */

import { builder } from '../../graph/builder.ts';
import { addMutation } from '../../graph/mutation.ts';
import { TaskRef } from '../task/task.graph.ts';
import { destroyMachine } from './virtual-machine.destruction.access.ts';
import { VirtualMachineRef } from './virtual-machine.graph.ts';
import { checkMachine, refFields } from './virtual-machine.mutations.graph.ts';
import { createMachine } from './virtual-machine.recipe.access.ts';
import type {
  CreateInput,
  DestroyInput,
  DiskInput,
  NicInput,
} from './virtual-machine.recipe.model.ts';

const OsTypeRef = builder.enumType('VirtualMachineOsType', {
  description: 'What runs in a machine, and so how it is made.',
  values: {
    LINUX_VM: { value: 1, description: 'Linux in a hardware virtual machine.' },
    SUNOS_VM: { value: 2, description: 'SunOS in a hardware virtual machine.' },
    BSD_VM: { value: 3, description: 'BSD in a hardware virtual machine.' },
    WINDOWS_VM: { value: 4, description: 'Windows in a hardware virtual machine.' },
    SUNOS_ZONE: { value: 5, description: 'A SunOS zone.' },
    LINUX_ZONE: { value: 6, description: 'A Linux zone.' },
  } as const,
});

const bhyve = 'With bhyve, where Danube makes machines so; it makes them with KVM by default.';

const DiskModelRef = builder.enumType('VirtualMachineDiskModel', {
  description: 'What a disk looks like to the system in the machine.',
  values: {
    VIRTIO: { value: 'virtio', description: 'Paravirtual.' },
    IDE: { value: 'ide', description: 'With KVM.' },
    SCSI: { value: 'scsi', description: 'With KVM.' },
    AHCI: { value: 'ahci', description: bhyve },
    NVME: { value: 'nvme', description: bhyve },
  } as const,
});

const NicModelRef = builder.enumType('VirtualMachineNicModel', {
  description: 'What a network card looks like to the system in the machine.',
  values: {
    VIRTIO: { value: 'virtio', description: 'Paravirtual.' },
    E1000: { value: 'e1000', description: 'An Intel card.' },
    RTL8139: { value: 'rtl8139', description: 'A Realtek card.' },
  } as const,
});

const DiskInputRef = builder.inputRef<DiskInput>('VirtualMachineDiskInput').implement({
  description: 'A disk; the first is the one to boot from.',
  fields: (t) => ({
    sizeMiB: t.int({ description: "In MiB; null = the image's size, needed where there is none." }),
    image: t.string({ description: 'What is on it at first, for the first disk; null = nothing.' }),
    model: t.field({ type: DiskModelRef, description: "Null = the datacenter's default." }),
    boot: t.boolean({ description: 'Whether to boot from it; null = from the first.' }),
    compression: t.string({ description: 'Of its storage, e.g. lz4 or off; null = lz4.' }),
    zpool: t.string({ description: "The storage to put it on; null = the machine's." }),
  }),
});

const NicInputRef = builder.inputRef<NicInput>('VirtualMachineNicInput').implement({
  description: 'A network card.',
  fields: (t) => ({
    net: t.string({ required: true, description: 'The network that it is on.' }),
    ip: t.string({ description: 'Its address; null = any free one of the network.' }),
    allowedIps: t.stringList({ description: 'Further addresses, at most 8; null = none.' }),
    model: t.field({ type: NicModelRef, description: "Null = the datacenter's default." }),
    primary: t.boolean({ description: 'Whether it is the main one; null = the first is.' }),
    dns: t.boolean({ description: "Whether the machine's name leads to it; null = the first." }),
    useNetDns: t.boolean({
      description: "Whether to use the network's resolvers; null = the datacenter's.",
    }),
    setGateway: t.boolean({ description: "Whether to set the network's gateway; null = yes." }),
    monitoring: t.boolean({ description: 'Whether it is monitored by it; null = by the first.' }),
    mtu: t.int({ description: 'Its largest packet in bytes; null = as the network has it.' }),
  }),
});

const CreateInputRef = builder.inputRef<CreateInput>('CreateVirtualMachineInput').implement({
  description: 'A machine to define, with its disks and network cards, and to deploy.',
  fields: (t) => ({
    hostname: t.string({
      required: true,
      description: 'Its full name, 4 to 128 characters; no machine of any datacenter has it.',
    }),
    datacenter: t.string({ description: 'Where to; null = the configured default.' }),
    alias: t.string({
      description: 'Short name, 4 to 24 characters; null = the hostname, where that is not longer.',
    }),
    vcpus: t.int({
      required: true,
      description:
        'Virtual processors, 1 to 1024; 0 for a zone without a limit, where the datacenter allows that.',
    }),
    ramMiB: t.int({ required: true, description: 'Memory in MiB, 1 to 1048576.' }),
    ostype: t.field({ type: OsTypeRef, description: 'Null = LINUX_VM.' }),
    owner: t.string({ description: "A user's name; null = the caller." }),
    node: t.string({ description: 'The node to deploy it on; null = one that Danube chooses.' }),
    template: t.string({
      description: 'Whose disks and network cards it has at first; null = none.',
    }),
    tags: t.stringList({ description: 'Beside those of its owners in Waldur; null = none.' }),
    note: t.string({ description: 'For people; null = none.' }),
    mdata: t.field({
      type: 'JSON',
      description: 'Metadata, texts by name, for the system in the machine; null = none.',
    }) as never,
    disks: t.field({ type: [DiskInputRef], description: 'In their order; null = none.' }),
    nics: t.field({ type: [NicInputRef], description: 'In their order; null = none.' }),
    project: t.field({ type: 'UUID', description: 'Its Waldur project; null = none.' }),
    customer: t.field({ type: 'UUID', description: 'Its Waldur customer; null = none.' }),
    tenant: t.field({ type: 'UUID', description: 'Its OpenStack tenant; null = none.' }),
    deploy: t.boolean({
      required: true,
      defaultValue: true,
      description: 'Whether to deploy it; without, it is defined alone.',
    }),
  }),
});

const DestroyInputRef = builder.inputRef<DestroyInput>('DestroyVirtualMachineInput').implement({
  description: 'A machine to destroy for good.',
  fields: (t) => ({
    ...refFields(t),
    confirm: t.boolean({
      required: true,
      defaultValue: false,
      description: 'That the machine, its disks and its definition are lost; refused without.',
    }),
    force: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether to stop it without asking its system.',
    }),
  }),
});

addMutation({
  name: 'createVirtualMachine',
  description:
    'Makes a machine from nothing to running, for administrators of the datacenter alone: defines it, its disks and network cards, and deploys it. When a step fails, what was made is taken back; `recipe` of the Failure, or of the extensions of an error, tells the step and what is left. A machine that is defined in the same way already is gone on from, so the call can be repeated; one that is defined otherwise is a Conflict.',
  shows: { field: 'virtualMachine', ref: VirtualMachineRef },
  settles: true,
  task: TaskRef,
  args: (arg) => ({
    input: arg({ type: CreateInputRef, required: true, description: 'The machine.' }),
  }),
  checkWith: ({ input: { hostname, datacenter } }) => checkMachine({ hostname, datacenter }),
  run: (session, { input }, request) => createMachine(session, input, request),
});

addMutation({
  name: 'destroyVirtualMachine',
  description:
    'Makes nothing of a machine, for administrators of its datacenter alone: stops it, deletes it on its node, deletes its definition. The steps wait for each other, 60 seconds in all unless wait says otherwise; not settled when that was not enough, and repeating it goes on from there.',
  shows: { field: 'virtualMachine', ref: VirtualMachineRef, mayBeGone: true },
  settles: true,
  task: TaskRef,
  args: (arg) => ({
    input: arg({ type: DestroyInputRef, required: true, description: 'Which machine.' }),
  }),
  checkWith: ({ input }) => checkMachine(input),
  run: (session, { input }, request) => destroyMachine(session, input, request),
});
