/** Deploying, updating and deleting machines, in Danube's order of checks. */

import { type Reply, refuse, success } from '../answers.ts';
import { definitionOf, differs, isAdmin, machineNamed } from '../machines.ts';
import type { ComputeNode, Machine } from '../model.ts';
import { shortagesFor } from '../room.ts';
import type { Visit } from '../visit.ts';
import { bodyOf, flag } from './body.ts';
import { beginTask, pendingTasks, setStatus } from './work.ts';

const forbidden = 'You do not have permission to perform this action.';

/** The node is looked at with the machine, before any right is. */
function machineOn({ world, user, datacenter, name }: Visit): Machine {
  const machine = machineNamed(world, user, datacenter, name);
  if (machine.node !== null && machine.node.status !== 'online') {
    refuse(423, 'Node is not operational');
  }
  return machine;
}

export function deployMachine(visit: Visit): Reply {
  const { call, user, datacenter, world } = visit;
  const machine = machineOn(visit);
  const { recreate, force } = bodyOf(call);
  const before = machine.status;
  const isZone = machine.ostype >= 5;
  if (isZone && !machine.owner.hasSshKey) {
    refuse(428, 'VM owner has no SSH keys available');
  }
  if (flag(recreate)) {
    checkRecreation(machine, flag(force));
  } else if (before !== 'notcreated') {
    refuse(423, 'VM is already created');
  } else if (!isAdmin(user, datacenter)) {
    refuse(403, forbidden);
  }
  const node = machine.node ?? nodeFor(visit, machine);
  const [disk] = machine.disks;
  if ((disk !== undefined && !disk.boot) || (isZone && !disk?.image)) {
    refuse(428, 'VM has no bootable disk');
  }
  if (pendingTasks(world, machine).length > 0) {
    refuse(409, 'VM has pending tasks');
  }
  checkImage(machine, node);
  machine.node = node;
  setStatus(machine, 'deploying', visit);
  return beginTask(visit, machine, {
    view: 'vm_manage',
    message: `Successfully created VM ${machine.hostname}`,
    onDone: () => {
      machine.deployed = definitionOf(machine);
      // A machine without an image has nothing to run.
      start(machine, disk?.image ? 'running' : 'stopped', visit);
    },
    onFailed: () => setStatus(machine, before, visit),
    ...(world.doDeploysHang ? { onHung: () => setStatus(machine, 'error', visit) } : {}),
  });
}

/** An image with this in its name cannot be had from anywhere. */
const refusedImage = 'refused';

function checkImage({ disks: [first] }: Machine, node: ComputeNode): void {
  const image = first?.image;
  if (image?.includes(refusedImage)) {
    refuse(424, `Cannot import required image ${image} to node ${node.hostname} (404: gone)`);
  }
}

function checkRecreation(machine: Machine, isForced: boolean): void {
  if (machine.locked) {
    refuse(423, 'VM is locked or has slave VMs');
  }
  if (machine.status !== 'stopped') {
    refuse(423, 'VM is not stopped');
  }
  if (!isForced) {
    refuse(417, 'Are you sure?');
  }
}

/** Danube takes the last that would do. */
function nodeFor({ world: { nodes, machines } }: Visit, machine: Machine): ComputeNode {
  return (
    nodes.findLast(
      (node) =>
        node.status === 'online' && shortagesFor({ ...machine, node }, machines).length === 0,
    ) ?? refuse(417, 'Could not find node with free resources')
  );
}

function start(machine: Machine, status: 'running' | 'stopped', visit: Visit): void {
  setStatus(machine, status, visit);
  machine.uptime = 0;
  machine.runningSinceMs = status === 'running' ? visit.clock.now() : null;
}

export function updateMachine(visit: Visit): Reply {
  const { world, call, user, datacenter, name } = visit;
  const machine = machineNamed(world, user, datacenter, name);
  if (!isAdmin(user, datacenter)) {
    refuse(403, forbidden);
  }
  const { status: before, node, deployed } = machine;
  if (before !== 'running' && before !== 'stopped') {
    refuse(423, 'VM is not stopped or running');
  }
  const { force, node: wanted } = bodyOf(call);
  const isForced = flag(force);
  const target = isForced ? targetOf(visit, machine, wanted) : node;
  if (!isForced) {
    if (!differs(machine)) {
      return success(user, datacenter, `Successfully updated VM ${machine.hostname} (locally)`);
    }
    checkUpdate(visit, machine);
  }
  if (target?.status !== 'online') {
    refuse(423, 'Node is not operational');
  }
  setStatus(machine, `${before as 'running' | 'stopped'}-`, visit);
  return beginTask(visit, machine, {
    view: 'vm_manage',
    message: isForced ? '' : `Successfully updated VM ${machine.hostname}`,
    onDone: () => {
      if (isForced) {
        Object.assign(machine, deployed, { node: target });
      } else {
        machine.deployed = definitionOf(machine);
      }
      setStatus(machine, before, visit);
    },
    onFailed: () => setStatus(machine, before, visit),
  });
}

function targetOf({ world, user }: Visit, machine: Machine, wanted: unknown): ComputeNode | null {
  if (wanted === undefined || wanted === null) {
    return machine.node;
  }
  if (!user.isSuperAdmin) {
    refuse(403, forbidden);
  }
  const target =
    world.nodes.find(({ hostname }) => hostname === wanted) ?? refuse(404, 'Node not found');
  return target === machine.node
    ? refuse(412, 'VM already has the requested node set in DB')
    : target;
}

function checkUpdate({ world }: Visit, machine: Machine): void {
  if (machine.locked) {
    refuse(423, 'VM is locked or has slave VMs');
  }
  const { deployed, disk, ips } = machine;
  const isOtherHardware = deployed?.disk !== disk || deployed.ips.length !== ips.length;
  if (isOtherHardware && machine.status !== 'stopped') {
    refuse(428, 'VM has to be stopped when updating disks or NICs');
  }
  if (isOtherHardware && pendingTasks(world, machine).length > 0) {
    refuse(409, 'VM has pending tasks');
  }
  if (deployed?.disk !== disk && machine.snapshots > 0) {
    refuse(417, 'VM has snapshots');
  }
  if (deployed?.disk !== disk && machine.node !== null) {
    checkImage(machine, machine.node);
  }
}

export function deleteMachine(visit: Visit): Reply {
  const { user, datacenter, world } = visit;
  const machine = machineOn(visit);
  const before = machine.status;
  if (!isAdmin(user, datacenter)) {
    refuse(403, forbidden);
  }
  if (machine.locked) {
    refuse(423, 'VM is locked or has slave VMs');
  }
  if (before !== 'stopped' && before !== 'frozen') {
    refuse(423, 'VM is not stopped');
  }
  if (pendingTasks(world, machine).length > 0) {
    refuse(409, 'VM has pending tasks');
  }
  setStatus(machine, `${before as 'stopped' | 'frozen'}-`, visit);
  return beginTask(visit, machine, {
    view: 'vm_manage',
    message: `Successfully deleted VM ${machine.hostname}`,
    onDone: () => {
      Object.assign(machine, { deployed: null, uptime: 0, runningSinceMs: null });
      Object.assign(machine, { snapshots: 0, sizeSnapshots: 0 });
      Object.assign(machine, { activeSnapshotDefinitions: 0, inactiveSnapshotDefinitions: 0 });
      Object.assign(machine, { activeBackupDefinitions: 0, inactiveBackupDefinitions: 0 });
      setStatus(machine, 'notcreated', visit);
    },
    onFailed: () => setStatus(machine, before, visit),
  });
}
