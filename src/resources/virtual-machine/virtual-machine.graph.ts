/** Danube Cloud's virtual machines in the graph, and what else leads to them. */

import { builder } from '../../graph/builder.ts';
import { addEntity, byUuid } from '../../graph/entity.ts';
import { isUuid, NodeRef, registerNode } from '../../graph/node.ts';
import { wantedIn } from '../../graph/selection.ts';
import { followed, shown } from '../../graph/shown.ts';
import type { Row } from '../../rows/row.ts';
import { customerByUuid } from '../customer/customer.access.ts';
import { CustomerRef } from '../customer/customer.graph.ts';
import { DatacenterRef, datacenterName } from '../datacenter/datacenter.graph.ts';
import { projectByUuid } from '../project/project.access.ts';
import { ProjectRef } from '../project/project.graph.ts';
import { TaskRef } from '../task/task.graph.ts';
import { tenantByUuid } from '../tenant/tenant.access.ts';
import { TenantRef } from '../tenant/tenant.graph.ts';
import { tasksOf, virtualMachine, virtualMachineAnywhere } from './virtual-machine.access.ts';
import { hostnameOrUuid } from './virtual-machine.check.ts';
import type { VirtualMachine, VirtualMachineStatus } from './virtual-machine.model.ts';

export const VirtualMachineRef = builder.objectRef<Row<VirtualMachine>>('VirtualMachine');

registerNode({
  name: 'VirtualMachine',
  keyNeeds: ['uuid', 'datacenter'],
  // The datacenter belongs to the key: Danube finds a machine in the one that is named alone.
  keyOf: async (machine: Row<VirtualMachine>) =>
    `${(await machine.get('datacenter')).read('name')}/${await machine.get('uuid')}`,
  isKey: (key) => {
    const [datacenter = '', uuid = ''] = key.split('/');
    return datacenterName.test(datacenter) && isUuid(uuid.replaceAll('-', ''));
  },
  load: (session, key) => {
    const [datacenter = '', uuid = ''] = key.split('/');
    return virtualMachine(session, uuid, datacenter, false);
  },
});

addEntity(VirtualMachineRef, {
  name: 'VirtualMachine',
  upstream: 'danube',
  keys: [
    byUuid(virtualMachineAnywhere),
    {
      field: 'hostname',
      read: (value) => (hostnameOrUuid.test(value) ? value : undefined),
      load: virtualMachineAnywhere,
    },
  ],
});

export const VirtualMachineStatusRef = builder.enumType('VirtualMachineStatus', {
  description: 'What a machine does. While an operation is under way, what it did before.',
  values: {
    STOPPED: { description: 'Deployed, and switched off.' },
    RUNNING: { description: 'Switched on.' },
    STOPPING: { description: 'Being switched off or restarted.' },
    NOTREADY: { description: 'Between two states, and not to be touched.' },
    FROZEN: { description: 'Switched off, and not to be started.' },
    NOTCREATED: { description: 'Defined, and not deployed.' },
    DEPLOYING: { description: 'Being deployed: minutes, mostly.' },
    ERROR: {
      description:
        'A deployment took too long, or what was deployed could not be started. After one that failed otherwise a machine is NOTCREATED, or STOPPED when it was to be recreated.',
    },
    UNKNOWN: { description: 'Something that this gateway does not know.' },
  } satisfies Record<VirtualMachineStatus, object>,
});

VirtualMachineRef.implement({
  description: 'A virtual machine of Danube Cloud.',
  interfaces: [NodeRef],
  fields: (t) => ({
    uuid: t.field({ type: 'UUID', description: "Danube's identifier.", ...shown('uuid') }),
    hostname: t.field({
      type: 'String',
      description: 'Its full name, unique in Danube Cloud; it can be changed.',
      ...shown('hostname'),
    }),
    alias: t.field({ type: 'String', description: 'Its short name.', ...shown('alias') }),
    status: t.field({
      type: VirtualMachineStatusRef,
      description: 'What it does.',
      ...shown('status'),
    }),
    inTransition: t.boolean({
      description: 'Whether an operation is under way.',
      ...shown('inTransition'),
    }),
    node: t.field({
      type: 'String',
      nullable: true,
      description:
        'The compute node it lives on, for whoever is no administrator a colour that stands for it; null until one is chosen.',
      ...shown('node'),
    }),
    nodeStatus: t.field({
      type: 'String',
      nullable: true,
      description: 'online, maintenance, unreachable or unlicensed; null without a node.',
      ...shown('nodeStatus'),
    }),
    owner: t.field({ type: 'String', description: "Its owner's user name.", ...shown('owner') }),
    vcpus: t.field({
      type: 'Int',
      description: 'Virtual processors; a zone without a limit has 0.',
      ...shown('vcpus'),
    }),
    ramMiB: t.field({ type: 'Int', description: 'Memory, in MiB.', ...shown('ramMiB') }),
    diskMiB: t.field({
      type: 'Int',
      description: 'The size of all its disks together, in MiB.',
      ...shown('diskMiB'),
    }),
    ips: t.field({
      type: ['String'],
      description: "Addresses of all its network cards, in the cards' order; none by DHCP.",
      ...shown('ips'),
    }),
    uptimeSeconds: t.field({
      type: 'Int',
      description: 'How long it has run in all, in seconds; 0 when it never did.',
      ...shown('uptimeSeconds'),
    }),
    locked: t.field({
      type: 'Boolean',
      description: 'Whether replicas keep it from being changed.',
      ...shown('locked'),
    }),
    changed: t.field({
      type: 'Boolean',
      description:
        'Whether its definition differs from what is deployed, so that an update is due: also true when it was never deployed, and always false with `active`.',
      ...shown('changed'),
    }),
    tags: t.field({ type: ['String'], description: 'In no particular order.', ...shown('tags') }),
    snapshots: t.field({ type: 'Int', description: 'How many it has.', ...shown('snapshots') }),
    snapshotsSizeMiB: t.field({
      type: 'Int',
      description: 'The size of all its snapshots together, in MiB, up to five minutes old.',
      ...shown('snapshotsSizeMiB'),
    }),
    activeSnapshotDefinitions: t.field({
      type: 'Int',
      description: 'How many schedules make snapshots of it.',
      ...shown('activeSnapshotDefinitions'),
    }),
    inactiveSnapshotDefinitions: t.field({
      type: 'Int',
      description: 'How many schedules for snapshots are switched off.',
      ...shown('inactiveSnapshotDefinitions'),
    }),
    backups: t.field({ type: 'Int', description: 'How many it has.', ...shown('backups') }),
    backupsSizeMiB: t.field({
      type: 'Int',
      description: 'The size of all its backups together, in MiB, up to five minutes old.',
      ...shown('backupsSizeMiB'),
    }),
    activeBackupDefinitions: t.field({
      type: 'Int',
      description: 'How many schedules make backups of it.',
      ...shown('activeBackupDefinitions'),
    }),
    inactiveBackupDefinitions: t.field({
      type: 'Int',
      description: 'How many schedules for backups are switched off.',
      ...shown('inactiveBackupDefinitions'),
    }),
    slaves: t.field({ type: 'Int', description: 'How many replicas it has.', ...shown('slaves') }),
    datacenter: t.field({
      type: DatacenterRef,
      description: 'The datacenter it belongs to.',
      ...followed('datacenter'),
    }),
    project: t.field({
      type: ProjectRef,
      nullable: true,
      description:
        'The project in its tag waldur:project:<uuid>; null without one, or when the caller may not see it.',
      extensions: { needs: ['projectUuid'] },
      resolve: async (machine, _args, { session }, info) => {
        const uuid = await machine.get('projectUuid');
        return uuid === null ? null : projectByUuid(session, uuid, wantedIn(info));
      },
    }),
    customer: t.field({
      type: CustomerRef,
      nullable: true,
      description:
        'The customer in its tag waldur:customer:<uuid>; null without one, or when the caller may not see it.',
      extensions: { needs: ['customerUuid'] },
      resolve: async (machine, _args, { session }, info) => {
        const uuid = await machine.get('customerUuid');
        return uuid === null ? null : customerByUuid(session, uuid, wantedIn(info));
      },
    }),
    tenant: t.field({
      type: TenantRef,
      nullable: true,
      description:
        'The tenant in its tag waldur:tenant:<uuid>; null without one, or when the caller may not see it.',
      extensions: { needs: ['tenantUuid'] },
      resolve: async (machine, _args, { session }, info) => {
        const uuid = await machine.get('tenantUuid');
        return uuid === null ? null : tenantByUuid(session, uuid, wantedIn(info));
      },
    }),
    tasks: t.field({
      type: [TaskRef],
      nullable: { list: true, items: false },
      description:
        'Its tasks that have not ended, in no particular order; null with an error alone.',
      extensions: { needs: ['hostname', 'datacenter'] },
      resolve: (machine, _args, { session }) => tasksOf(session, machine),
    }),
  }),
});
