/** A seeded world for the simulated Danube Cloud: the same seed and sizes give the same rows. */

import { createHash } from 'node:crypto';
import { openNames } from '../names.ts';
import { openRandom, type Random } from '../random.ts';
import type {
  ComputeNode,
  DanubeUser,
  DanubeWorld,
  Datacenter,
  Deployed,
  Machine,
  MachineStatus,
  Task,
} from './model.ts';
import { usedOn } from './room.ts';
import { taskId } from './tasks.ts';

export interface DanubeSizes {
  readonly datacenters: number;
  readonly machines: number;
}

export const defaultDanubeSizes: DanubeSizes = { datacenters: 3, machines: 90 };

/** Waldur's uuids of owners that machines can be tagged with. */
export interface MachineOwner {
  readonly project: string;
  readonly customer: string;
  readonly tenant: string | null;
}

export const danubeCallerNames = ['staff', 'owner', 'member', 'stranger'] as const;
export type DanubeCallerName = (typeof danubeCallerNames)[number];

/** Fixed, so that it can be printed and documented: it opens nothing but the sandbox. */
function sandboxKey(username: string): string {
  return createHash('sha1').update(`stratograph danube sandbox ${username}`).digest('hex');
}

const statuses: readonly MachineStatus[] = [
  'running',
  'running',
  'running',
  'stopped',
  'running',
  'notcreated',
  'running',
  'stopping',
  'frozen',
  'deploying',
  'running-',
  'stopped-',
  'error',
  'notready',
];

/** @param nowMs - the clock's time, from which uptimes and tasks count back */
export function seedDanube(
  seed: number,
  sizes: DanubeSizes,
  owners: readonly MachineOwner[],
  nowMs: number,
): DanubeWorld {
  const random = openRandom(seed ^ 0x5eed);
  const users = seedUsers();
  const datacenters = seedDatacenters(sizes.datacenters, users);
  const nodes = seedNodes(random);
  const names = openNames(random);
  const machines = Array.from({ length: sizes.machines }, (_, at) =>
    seedMachine({ random, at, users, datacenters, nodes, owners, nowMs, name: names.host(at) }),
  );
  for (const node of nodes) {
    addRoom(node, machines);
  }
  const tasks = new Map<string, Task>();
  for (const machine of machines) {
    if (/deploying|stopping|-$/.test(machine.status)) {
      const task = seedTask(random, machine, tasks.size, nowMs);
      tasks.set(task.id, task);
    }
  }
  for (const [at, ending] of (['SUCCESS', 'FAILURE', 'REVOKED'] as const).entries()) {
    const machine = machines[at];
    if (machine !== undefined) {
      const task = endedTask(seedTask(random, machine, tasks.size, nowMs), ending, nowMs);
      tasks.set(task.id, task);
    }
  }
  return {
    users,
    datacenters,
    nodes,
    machines,
    tasks,
    isUpdating: false,
    isWorkerDown: false,
    doDeploysHang: false,
  };
}

function seedUsers(): DanubeUser[] {
  return danubeCallerNames.map((name, index) => {
    const username = name === 'staff' ? 'admin' : name;
    return {
      // User 1 is the factory's administrator.
      id: index === 0 ? 1 : index + 10,
      username,
      password: `${username}-sandbox`,
      apiKey: sandboxKey(username),
      isSuperAdmin: name === 'staff',
      hasApiAccess: true,
      isActive: true,
      // Who has just come has given none yet.
      hasSshKey: name !== 'stranger',
      callbackKey: sandboxKey(`${username} callback`),
      token: null,
    };
  });
}

function seedDatacenters(count: number, users: readonly DanubeUser[]): Datacenter[] {
  const [admin, owner] = users as [DanubeUser, DanubeUser];
  const fixed = ['main', 'research', 'archive'];
  return Array.from({ length: count }, (_, at) => {
    const name = fixed[at] ?? `dc${at}`;
    return {
      id: at + 1,
      name,
      alias: at === 0 ? 'main*' : `${name} datacenter`,
      site: `${name}.example.org`,
      owner: at === 1 ? owner : admin,
      isPublic: at === 0,
      isCpuCapRequired: at === 0,
      description: at === 0 ? '' : `Machines for ${name}`,
      created: '2024-11-04T09:00:00.000000Z',
      members: [],
    };
  });
}

function seedNodes(random: Random): ComputeNode[] {
  const uuid = () => dashed(random.hex(32));
  return (['online', 'online', 'online', 'maintenance', 'unlicensed'] as const).map(
    (status, at) => ({
      uuid: uuid(),
      hostname: `cn${String(at + 1).padStart(2, '0')}.local`,
      status,
      capacity: { vcpus: 0, ram: 0, disk: 0 },
    }),
  );
}

/** Room for what is seeded and for much more, but not for the largest machine that can be defined. */
function addRoom(node: ComputeNode, machines: readonly Machine[]): void {
  const { vcpus, ram, disk } = usedOn(node, machines);
  node.capacity = { vcpus: vcpus + 256, ram: ram + 524_288, disk: disk + 20_971_520 };
}

export function dashed(hex: string): string {
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

interface MachineSeeding {
  readonly random: Random;
  readonly at: number;
  readonly name: string;
  readonly users: readonly DanubeUser[];
  readonly datacenters: readonly Datacenter[];
  readonly nodes: readonly ComputeNode[];
  readonly owners: readonly MachineOwner[];
  readonly nowMs: number;
}

function seedMachine(seeding: MachineSeeding): Machine {
  const { random, at, name, users, datacenters, nodes, nowMs } = seeding;
  const [admin, owner, member] = users as [DanubeUser, DanubeUser, DanubeUser];
  const status = statuses[at % statuses.length] as MachineStatus;
  const datacenter = datacenters[at % datacenters.length] as Datacenter;
  const isDeployed = status !== 'notcreated' && status !== 'deploying';
  const defined: Deployed = {
    hostname: `${name}.${datacenter.name}.lan`,
    alias: name,
    vcpus: random.pick([1, 2, 4, 8]),
    ram: random.pick([1024, 2048, 4096, 8192]),
    disk: random.pick([10240, 20480, 51200]),
    ips: Array.from(
      { length: at % 4 === 3 ? 0 : 1 + (at % 2) },
      (_, index) => `10.10.${91 + index}.${at % 250}`,
    ),
  };
  const isChanged = at % 7 === 1;
  const isRunning = status.startsWith('running');
  return {
    ...defined,
    uuid: dashed(random.hex(32)),
    datacenter,
    node: status === 'notcreated' && at % 2 === 0 ? null : (nodes[at % 4] as ComputeNode),
    owner: at % 9 === 0 ? member : datacenter.id === 2 ? owner : admin,
    status,
    deployed: isDeployed
      ? { ...defined, ...(isChanged ? { vcpus: defined.vcpus + 1, ram: 512, ips: [] } : {}) }
      : null,
    uptime: isDeployed ? random.integer(0, 900_000) : 0,
    runningSinceMs: isRunning ? nowMs - random.integer(60, 90_000) * 1000 : null,
    statusChanged: status === 'notcreated' ? null : '2026-02-01T10:00:00.000000Z',
    locked: at % 13 === 4,
    isReplica: at % 29 === 17,
    tags: seedTags(seeding),
    ostype: at % 8 === 6 ? 4 : 1,
    note: '',
    mdata: { hostname: name },
    template: null,
    created: '2026-01-15T08:00:00.000000Z',
    disks: [
      {
        size: defined.disk,
        image: 'base-64',
        boot: true,
        model: 'virtio',
        compression: 'lz4',
        zpool: 'zones',
      },
    ],
    nics: defined.ips.map((ip) => ({ net: 'lan', ip, model: 'virtio', allowedIps: [], extra: {} })),
    snapshots: random.integer(0, 5),
    activeSnapshotDefinitions: random.integer(0, 2),
    inactiveSnapshotDefinitions: at % 5 === 2 ? 1 : 0,
    backups: random.integer(0, 3),
    activeBackupDefinitions: random.integer(0, 1),
    inactiveBackupDefinitions: at % 6 === 3 ? 2 : 0,
    slaves: at % 13 === 4 ? 1 : 0,
    sizeSnapshots: random.integer(0, 4000),
    sizeBackups: random.integer(0, 4000),
  };
}

/** Of every nine, three are tagged with all their owners and one with its project alone. */
function seedTags({ random, at, owners }: MachineSeeding): string[] {
  if (at === 10) {
    return ['waldur:project:not-a-uuid', 'web'];
  }
  if (at === 11) {
    return [`waldur:project:${'0'.repeat(31)}1`];
  }
  if (owners.length === 0 || at % 9 > 3) {
    return at % 2 === 0 ? [] : ['env:production', 'web'];
  }
  const { project, customer, tenant } = random.pick(owners);
  return at % 9 === 3
    ? [`waldur:project:${project}`]
    : [
        'env:research',
        `waldur:project:${project}`,
        `waldur:customer:${customer}`,
        ...(tenant === null ? [] : [`waldur:tenant:${tenant}`]),
      ];
}

function seedTask(random: Random, machine: Machine, at: number, nowMs: number): Task {
  const user = machine.owner;
  return {
    id: taskId('e', user, machine.owner, machine.datacenter, random.hex(20)),
    user,
    owner: machine.owner,
    datacenter: machine.datacenter,
    machine,
    view: 'vm_manage',
    method: machine.status === 'deploying' ? 'POST' : 'PUT',
    startedMs: nowMs - 20_000,
    status: at % 2 === 0 ? 'STARTED' : 'PENDING',
    endedMs: null,
    result: null,
  };
}

function endedTask(task: Task, status: 'SUCCESS' | 'FAILURE' | 'REVOKED', nowMs: number): Task {
  const name = task.machine?.hostname;
  const results = {
    SUCCESS: { returncode: 0, message: `Successfully created VM ${name}` },
    FAILURE: {
      returncode: 1,
      message: 'zone could not boot',
      detail: 'Got bad return code (1). Error: zone could not boot',
    },
    REVOKED: 'TaskRevokedError: terminated',
  };
  return { ...task, status, endedMs: nowMs - 5_000, result: results[status] };
}
