/** Danube's machines: who sees which, and how they are shown. */

import type { Clock } from '../clock.ts';
import { refuse } from './answers.ts';
import type { DanubeUser, DanubeWorld, Datacenter, Deployed, Machine } from './model.ts';

/** SuperAdmins everywhere; owners in their datacenter. */
export function isAdmin(user: DanubeUser, datacenter: Datacenter): boolean {
  return user.isSuperAdmin || datacenter.owner === user;
}

export function maySeeDatacenter(user: DanubeUser, datacenter: Datacenter): boolean {
  return datacenter.isPublic || isAdmin(user, datacenter) || datacenter.members.includes(user);
}

/** Replicas and machines on unlicensed nodes are hidden; others' machines are, from who is no admin. */
export function visibleMachines(
  world: DanubeWorld,
  user: DanubeUser,
  datacenter: Datacenter,
): Machine[] {
  return world.machines
    .filter(
      (machine) =>
        machine.datacenter === datacenter &&
        !machine.isReplica &&
        machine.node?.status !== 'unlicensed' &&
        (isAdmin(user, datacenter) || machine.owner === user),
    )
    .sort((one, other) => (one.hostname < other.hostname ? -1 : 1));
}

/**
 * By hostname, in any case, or by uuid; hostnames win.
 *
 * @throws {Refusal} 404, for machines of others too
 */
export function machineNamed(
  world: DanubeWorld,
  user: DanubeUser,
  datacenter: Datacenter,
  name: string,
): Machine {
  const visible = visibleMachines(world, user, datacenter);
  const wanted = name.toLowerCase();
  return (
    visible.find(({ hostname }) => hostname.toLowerCase() === wanted) ??
    visible.find(({ uuid }) => uuid === wanted) ??
    refuse(404, 'VM not found')
  );
}

export interface MachineShowing {
  readonly user: DanubeUser;
  readonly clock: Clock;
  readonly active: boolean;
  readonly extended: boolean;
}

export function showMachine(machine: Machine, showing: MachineShowing): Record<string, unknown> {
  const { user, clock, active, extended } = showing;
  const isDeployed = machine.deployed !== null;
  const { hostname, alias } = machine;
  const empty: Deployed = { hostname, alias, vcpus: 0, ram: 0, disk: 0, ips: [] };
  const config = active ? (machine.deployed ?? empty) : machine;
  const { node } = machine;
  // Who is no administrator sees a colour in the node's place.
  const nodeName =
    node && (isAdmin(user, machine.datacenter) ? node.hostname : `#${node.uuid.slice(-6)}`);
  return {
    hostname: config.hostname,
    uuid: machine.uuid,
    alias: config.alias,
    node: nodeName,
    owner: machine.owner.username,
    status: machine.status,
    node_status: node?.status ?? null,
    vcpus: config.vcpus,
    ram: config.ram,
    disk: config.disk,
    ips: config.ips,
    uptime: uptimeOf(machine, clock),
    locked: machine.locked,
    ...(extended
      ? {
          tags: machine.tags,
          snapshot_define_inactive: machine.inactiveSnapshotDefinitions,
          snapshot_define_active: machine.activeSnapshotDefinitions,
          snapshots: machine.snapshots,
          backup_define_inactive: machine.inactiveBackupDefinitions,
          backup_define_active: machine.activeBackupDefinitions,
          backups: machine.backups,
          slaves: machine.slaves,
          size_snapshots: machine.sizeSnapshots,
          size_backups: machine.sizeBackups,
        }
      : {}),
    changed: active ? false : !isDeployed || differs(machine),
  };
}

/** What is defined, as a node would have it. */
export function definitionOf({ hostname, alias, vcpus, ram, disk, ips }: Machine): Deployed {
  return { hostname, alias, vcpus, ram, disk, ips: [...ips] };
}

export function differs(machine: Machine): boolean {
  return JSON.stringify(machine.deployed) !== JSON.stringify(definitionOf(machine));
}

function uptimeOf({ uptime, runningSinceMs }: Machine, clock: Clock): number {
  return runningSinceMs === null
    ? uptime
    : uptime + Math.max(0, Math.floor((clock.now() - runningSinceMs) / 1000));
}

/** A machine in `/vm/status`, with the tasks that have not ended. */
export function showStatus(
  world: DanubeWorld,
  machine: Machine,
  clock: Clock,
): Record<string, unknown> {
  const running = [...world.tasks.values()].filter(
    (task) => task.machine === machine && task.endedMs === null,
  );
  return {
    hostname: machine.hostname,
    uuid: machine.uuid,
    alias: machine.alias,
    status: machine.status,
    status_change: machine.statusChanged,
    node_status: machine.node?.status ?? null,
    tasks: Object.fromEntries(
      running.map(({ id, view, method, startedMs }) => [
        id,
        { view, method, time: new Date(startedMs).toISOString() },
      ]),
    ),
    uptime: uptimeOf(machine, clock),
  };
}
