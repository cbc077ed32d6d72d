/** Definitions of machines, their disks and their network cards: changes to Danube's database alone. */

import { randomUUID } from 'node:crypto';
import { failure, type Reply, refuse, success } from '../answers.ts';
import { differs, isAdmin, machineNamed, visibleMachines } from '../machines.ts';
import type { DanubeWorld, Disk, Machine } from '../model.ts';
import { shortagesFor } from '../room.ts';
import type { Route, Visit } from '../visit.ts';
import { bodyOf, integer } from './body.ts';
import { pendingTasks } from './work.ts';

export type Complaints = Record<string, string[]>;

function checkRight({ user, datacenter }: Visit): void {
  if (!isAdmin(user, datacenter)) {
    refuse(403, 'Permission denied');
  }
}

/** A zone has its first disk from the beginning. */
const blankDisk: Disk = {
  size: 10_240,
  image: null,
  boot: true,
  model: 'virtio',
  compression: 'lz4',
  zpool: 'zones',
};

/** What templates put in. */
const templates: Readonly<Record<string, Partial<Disk>>> = {
  'small-web': { size: 20_480, image: 'base-64' },
};

/** The guards that every change of a definition has. */
export function changeable(visit: Visit): Machine {
  const { world, user, datacenter, name } = visit;
  const machine = machineNamed(world, user, datacenter, name);
  checkRight(visit);
  if (machine.locked) {
    refuse(423, 'VM is locked or has slave VMs');
  }
  if (!['notcreated', 'running', 'stopped', 'stopping'].includes(machine.status)) {
    refuse(423, 'VM is not operational');
  }
  if (pendingTasks(world, machine).length > 0) {
    refuse(409, 'VM has pending tasks');
  }
  return machine;
}

function showDefinition(machine: Machine): Record<string, unknown> {
  return {
    uuid: machine.uuid,
    hostname: machine.hostname,
    alias: machine.alias,
    ostype: machine.ostype,
    hvm_type: machine.ostype >= 5 ? 3 : 1,
    vcpus: machine.vcpus,
    ram: machine.ram,
    note: machine.note,
    owner: machine.owner.username,
    node: machine.node?.hostname ?? null,
    template: machine.template,
    tags: machine.tags,
    mdata: machine.mdata,
    locked: machine.locked,
    created: machine.created,
    changed: machine.deployed === null || differs(machine),
  };
}

/** Hostnames are unique in all of Danube, and no machine's uuid. */
function isTaken({ machines }: DanubeWorld, name: string): boolean {
  return machines.some(
    ({ hostname, uuid }) => hostname.toLowerCase() === name.toLowerCase() || uuid === name,
  );
}

const isHostname = (name: string) =>
  name.length >= 4 && /^[A-Za-z0-9][A-Za-z0-9.-]+[A-Za-z0-9]$/.test(name);

/** Aliases are unique for an owner in a datacenter. */
function isTakenAlias({ world, user, datacenter }: Visit, alias: string, own?: Machine): boolean {
  const owner = own?.owner ?? user;
  return world.machines.some(
    (one) =>
      one !== own && one.datacenter === datacenter && one.owner === owner && one.alias === alias,
  );
}

/**
 * What of a body can be taken over, and what is wrong with the rest.
 *
 * @param own - the machine that is changed; undefined for a new one
 */
function checked(visit: Visit, body: Readonly<Record<string, unknown>>, own?: Machine) {
  const complaints: Complaints = {};
  const change: Partial<Machine> = {};
  const whole = (field: 'vcpus' | 'ram', least: number, most: number) => {
    const number = integer(body[field]);
    if (body[field] === undefined) {
      if (own === undefined) {
        complaints[field] = ['This field is required.'];
      }
    } else if (number === undefined) {
      complaints[field] = ['Enter a whole number.'];
    } else if (number < least || number > most) {
      complaints[field] = [
        number < least
          ? `Ensure this value is greater than or equal to ${least}.`
          : `Ensure this value is less than or equal to ${most}.`,
      ];
    } else {
      change[field] = number;
    }
  };
  const ostype = integer(body.ostype);
  const isZone = (ostype ?? own?.ostype ?? 1) >= 5;
  whole('vcpus', isZone && !visit.datacenter.isCpuCapRequired ? 0 : 1, 1_024);
  whole('ram', 1, 1_048_576);
  const alias = body.alias ?? (own === undefined ? visit.name : undefined);
  if (typeof alias === 'string') {
    const { length } = alias;
    if (length < 4 || length > 24) {
      const bound = length < 4 ? 'at least 4' : 'at most 24';
      complaints.alias = [`Ensure this value has ${bound} characters (it has ${length}).`];
    } else if (!/^[A-Za-z0-9][A-Za-z0-9.-]+[A-Za-z0-9]$/.test(alias)) {
      complaints.alias = ['Invalid value.'];
    } else if (isTakenAlias(visit, alias, own)) {
      complaints.alias = [
        'This server name is already in use. Please supply a different server name.',
      ];
    } else {
      change.alias = alias;
    }
  }
  if (Array.isArray(body.tags)) {
    if (body.tags.every((tag) => /^[ :/A-Za-z0-9_-]+$/.test(String(tag)))) {
      change.tags = body.tags.map(String);
    } else {
      complaints.tags = ['Invalid value.'];
    }
  }
  const named = (field: string, found: unknown, key: string) => {
    if (body[field] !== undefined && body[field] !== null && found === undefined) {
      complaints[field] = [`Object with ${key}=${String(body[field])} does not exist.`];
    }
  };
  const owner = visit.world.users.find(({ username }) => username === body.owner);
  const node = visit.world.nodes.find(({ hostname }) => hostname === body.node);
  named('owner', owner, 'username');
  named('node', node, 'hostname');
  if (body.ostype !== undefined && (ostype === undefined || ostype < 1 || ostype > 6)) {
    complaints.ostype = [
      `Select a valid choice. ${String(body.ostype)} is not one of the available choices.`,
    ];
  }
  named('template', templates[String(body.template)], 'name');
  Object.assign(change, {
    ...(owner && { owner }),
    ...(node && { node }),
    ...(ostype === undefined ? {} : { ostype }),
    ...(typeof body.note === 'string' ? { note: body.note } : {}),
    ...(typeof body.template === 'string' ? { template: body.template } : {}),
    ...(typeof body.mdata === 'object' && body.mdata !== null ? { mdata: body.mdata } : {}),
  });
  return { complaints, change };
}

function define(visit: Visit): Reply {
  const { world, user, datacenter, call, name, clock } = visit;
  checkRight(visit);
  if (isTaken(world, name)) {
    refuse(406, 'VM already exists');
  }
  const { complaints, change } = checked(visit, bodyOf(call));
  if (!isHostname(name)) {
    complaints.hostname = ['Invalid value.'];
  }
  if (Object.keys(complaints).length > 0) {
    return failure(visit, complaints);
  }
  const machine: Machine = {
    alias: name,
    vcpus: 1,
    ram: 1,
    disk: 0,
    ips: [],
    uuid: randomUUID(),
    hostname: name,
    datacenter,
    node: null,
    owner: user,
    status: 'notcreated',
    deployed: null,
    uptime: 0,
    runningSinceMs: null,
    statusChanged: null,
    locked: false,
    isReplica: false,
    tags: [],
    ostype: 1,
    note: '',
    mdata: {},
    template: null,
    created: new Date(clock.now()).toISOString().replace('Z', '000Z'),
    disks: [],
    nics: [],
    snapshots: 0,
    activeSnapshotDefinitions: 0,
    inactiveSnapshotDefinitions: 0,
    backups: 0,
    activeBackupDefinitions: 0,
    inactiveBackupDefinitions: 0,
    slaves: 0,
    sizeSnapshots: 0,
    sizeBackups: 0,
    ...change,
  };
  machine.mdata = { ...machine.mdata, hostname: name };
  const template = machine.template === null ? undefined : templates[machine.template];
  if (machine.ostype >= 5) {
    machine.disks.push({ ...blankDisk });
  } else if (template !== undefined) {
    machine.disks.push({ ...blankDisk, ...template });
  }
  machine.disk = machine.disks.reduce((sum, { size }) => sum + size, 0);
  const shortages = shortagesFor(machine, world.machines);
  if (shortages.length > 0) {
    return failure(visit, { node: shortages });
  }
  world.machines.push(machine);
  return { ...success(user, datacenter, showDefinition(machine)), status: 201 };
}

function redefine(visit: Visit): Reply {
  const machine = changeable(visit);
  const body = bodyOf(visit.call);
  const { complaints, change } = checked(visit, body, machine);
  if (typeof body.hostname === 'string' && body.hostname !== machine.hostname) {
    if (isHostname(body.hostname) && !isTaken(visit.world, body.hostname)) {
      change.hostname = body.hostname;
    } else {
      complaints.hostname = ['Invalid value.'];
    }
  }
  if (change.node !== undefined && machine.deployed !== null && change.node !== machine.node) {
    complaints.node = ['Cannot change node.'];
  }
  const others = visit.world.machines.filter((one) => one !== machine);
  const shortages = shortagesFor({ ...machine, ...change }, others);
  if (shortages.length > 0) {
    complaints.node = shortages;
  }
  if (Object.keys(complaints).length > 0) {
    return failure(visit, complaints);
  }
  Object.assign(machine, change);
  return success(visit.user, visit.datacenter, showDefinition(machine));
}

function undefine(visit: Visit): Reply {
  const machine = changeable(visit);
  if (machine.status !== 'notcreated') {
    refuse(423, 'VM is not notcreated');
  }
  visit.world.machines.splice(visit.world.machines.indexOf(machine), 1);
  return success(visit.user, visit.datacenter, null);
}

function show(visit: Visit): Reply {
  const { world, user, datacenter, name } = visit;
  return success(user, datacenter, showDefinition(machineNamed(world, user, datacenter, name)));
}

const machineName = '([A-Za-z0-9._-]+)';

export const definitionRoutes: readonly Route[] = [
  {
    pattern: /^vm\/define\/$/,
    methods: {
      GET: ({ world, user, datacenter }) =>
        success(user, datacenter, visibleMachines(world, user, datacenter).map(showDefinition)),
    },
  },
  {
    pattern: new RegExp(`^vm/${machineName}/define/$`),
    methods: { GET: show, POST: define, PUT: redefine, DELETE: undefine },
  },
];
