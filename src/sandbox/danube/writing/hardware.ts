/** Disks and network cards of definitions: numbered from 1, and given in their order. */

import { failure, type Reply, refuse, success } from '../answers.ts';
import { machineNamed } from '../machines.ts';
import type { Disk, Machine, Nic } from '../model.ts';
import type { Route, Visit } from '../visit.ts';
import { bodyOf, integer } from './body.ts';
import { type Complaints, changeable } from './definitions.ts';

const most = { disk: 2, NIC: 16 };
const diskModels = ['virtio', 'ide', 'scsi'];
const nicModels = ['virtio', 'e1000', 'rtl8139'];
const compressions = /^(off|lzjb|gzip(-[1-9])?|zle|lz4)$/;
const networks = ['lan', 'admin'];

function isZone({ ostype }: Machine): boolean {
  return ostype >= 5;
}

function checkNext(place: string, has: number, what: keyof typeof most): void {
  const number = Number(place);
  if (number >= 1 && number <= has) {
    refuse(406, `VM ${what} already exists`);
  }
  if (number !== has + 1 || number > most[what]) {
    refuse(406, `VM ${what} out of range`);
  }
}

/** Sizes and addresses of a machine are those of its parts. */
function recount(machine: Machine): void {
  machine.disk = machine.disks.reduce((sum, { size }) => sum + size, 0);
  machine.ips = machine.nics.flatMap(({ ip, allowedIps }) => [...(ip ? [ip] : []), ...allowedIps]);
}

/** What of a body can be taken over into a disk, and what is wrong with the rest. */
function checkedDisk(given: Readonly<Record<string, unknown>>, isFirst: boolean, old?: Disk) {
  const complaints: Complaints = {};
  const image = typeof given.image === 'string' ? given.image : (old?.image ?? null);
  // An image is as large as this one, whichever it is.
  const size = integer(given.size) ?? old?.size ?? (image === null ? undefined : imageSize);
  if (size === undefined) {
    complaints.size = [
      given.size === undefined ? 'This field is required.' : 'Enter a whole number.',
    ];
  } else if (size < 1) {
    complaints.size = ['Ensure this value is greater than or equal to 1.'];
  } else if (image !== null && size < imageSize) {
    complaints.size = [`Cannot define smaller disk size than image size (${imageSize}).`];
  }
  if (image !== null && !isFirst) {
    complaints.image = ['Cannot set image on disks other than first disk.'];
  } else if (image?.startsWith('missing')) {
    complaints.image = [`Object with name=${image} does not exist.`];
  }
  const boot = typeof given.boot === 'boolean' ? given.boot : (old?.boot ?? isFirst);
  if (boot && !isFirst) {
    complaints.boot = ['Cannot set boot flag on disks other than first disk.'];
  }
  const model = String(given.model ?? old?.model ?? 'virtio');
  if (!diskModels.includes(model)) {
    complaints.model = [`Select a valid choice. ${model} is not one of the available choices.`];
  }
  const compression = String(given.compression ?? old?.compression ?? 'lz4');
  if (!compressions.test(compression)) {
    complaints.compression = [
      `Select a valid choice. ${compression} is not one of the available choices.`,
    ];
  }
  const zpool = String(given.zpool ?? old?.zpool ?? 'zones');
  if (zpool !== 'zones') {
    complaints.zpool = [`Object with zpool=${zpool} does not exist.`];
  }
  const disk: Disk = { size: size ?? 0, image, boot, model, compression, zpool };
  return { complaints, disk };
}

const imageSize = 10_240;

function showDisk({ size, image, boot, model, compression, zpool }: Disk, at: number) {
  return { size, boot, compression, zpool, block_size: 8192, image, model, disk_id: at + 1 };
}

function defineDisk(visit: Visit): Reply {
  const machine = changeable(visit);
  if (isZone(machine) && machine.deployed !== null) {
    refuse(501, 'Operation not supported');
  }
  checkNext(visit.place, machine.disks.length, 'disk');
  const at = machine.disks.length;
  const { complaints, disk } = checkedDisk(bodyOf(visit.call), at === 0);
  if (Object.keys(complaints).length > 0) {
    return failure(visit, complaints);
  }
  machine.disks.push(disk);
  recount(machine);
  return { ...success(visit.user, visit.datacenter, showDisk(disk, at)), status: 201 };
}

function redefineDisk(visit: Visit): Reply {
  const machine = changeable(visit);
  const at = Number(visit.place) - 1;
  const old = machine.disks[at] ?? refuse(404, 'VM disk not found');
  const { complaints, disk } = checkedDisk(bodyOf(visit.call), at === 0, old);
  if (Object.keys(complaints).length > 0) {
    return failure(visit, complaints);
  }
  machine.disks[at] = disk;
  recount(machine);
  return success(visit.user, visit.datacenter, showDisk(disk, at));
}

function undefineDisk(visit: Visit): Reply {
  const machine = changeable(visit);
  const at = Number(visit.place) - 1;
  if (isZone(machine) && (at === 0 || machine.deployed !== null)) {
    refuse(501, 'Operation not supported');
  }
  if (machine.disks[at] === undefined) {
    refuse(404, 'VM disk not found');
  }
  machine.disks.splice(at, 1);
  recount(machine);
  return success(visit.user, visit.datacenter, null);
}

function checkedNic({ world }: Visit, given: Readonly<Record<string, unknown>>, old?: Nic) {
  const complaints: Complaints = {};
  const net = given.net ?? old?.net;
  if (net === undefined) {
    complaints.net = ['This field is required.'];
  } else if (!networks.includes(String(net))) {
    complaints.net = [`Object with name=${String(net)} does not exist.`];
  }
  const model = String(given.model ?? old?.model ?? 'virtio');
  if (!nicModels.includes(model)) {
    complaints.model = [`Select a valid choice. ${model} is not one of the available choices.`];
  }
  const taken = new Set(world.machines.flatMap(({ ips }) => ips));
  const pool = net === 'admin' ? 90 : 91;
  const free = Array.from({ length: 50 }, (_, at) => `10.10.${pool}.${at + 11}`);
  const ip =
    typeof given.ip === 'string' ? given.ip : (old?.ip ?? free.find((one) => !taken.has(one)));
  if (ip === undefined) {
    complaints.net = [`Cannot find free IP address for net ${String(net)}.`];
  } else if (ip !== old?.ip && taken.has(ip)) {
    complaints.ip = ['IP address is already taken.'];
  }
  const allowedIps = Array.isArray(given.allowed_ips) ? given.allowed_ips.map(String) : undefined;
  const extra = Object.entries(given).filter(([field]) => nicExtras.includes(field));
  const nic: Nic = {
    net: String(net),
    ip: ip ?? null,
    model,
    allowedIps: allowedIps ?? old?.allowedIps ?? [],
    extra: { ...old?.extra, ...Object.fromEntries(extra) },
  };
  return { complaints, nic };
}

const nicExtras = ['primary', 'dns', 'use_net_dns', 'set_gateway', 'monitoring', 'mtu'];

function showNic({ net, ip, model, allowedIps, extra }: Nic, at: number) {
  return {
    mac: null,
    model,
    net,
    ip,
    netmask: '255.255.255.0',
    gateway: ip?.replace(/\d+$/, '1') ?? null,
    primary: at === 0,
    dns: at === 0,
    use_net_dns: false,
    allowed_ips: allowedIps,
    monitoring: at === 0,
    set_gateway: true,
    mtu: null,
    ...extra,
    nic_id: at + 1,
  };
}

function defineNic(visit: Visit): Reply {
  const machine = changeable(visit);
  checkNext(visit.place, machine.nics.length, 'NIC');
  const at = machine.nics.length;
  const { complaints, nic } = checkedNic(visit, bodyOf(visit.call));
  if (Object.keys(complaints).length > 0) {
    return failure(visit, complaints);
  }
  machine.nics.push(nic);
  recount(machine);
  return { ...success(visit.user, visit.datacenter, showNic(nic, at)), status: 201 };
}

function redefineNic(visit: Visit): Reply {
  const machine = changeable(visit);
  const at = Number(visit.place) - 1;
  const old = machine.nics[at] ?? refuse(404, 'VM NIC not found');
  const { complaints, nic } = checkedNic(visit, bodyOf(visit.call), old);
  if (Object.keys(complaints).length > 0) {
    return failure(visit, complaints);
  }
  machine.nics[at] = nic;
  recount(machine);
  return success(visit.user, visit.datacenter, showNic(nic, at));
}

function undefineNic(visit: Visit): Reply {
  const machine = changeable(visit);
  const at = Number(visit.place) - 1;
  if (machine.nics[at] === undefined) {
    refuse(404, 'VM NIC not found');
  }
  machine.nics.splice(at, 1);
  recount(machine);
  return success(visit.user, visit.datacenter, null);
}

function list<V>(of: (machine: Machine) => readonly V[], show: (one: V, at: number) => object) {
  return ({ world, user, datacenter, name }: Visit): Reply =>
    success(user, datacenter, of(machineNamed(world, user, datacenter, name)).map(show));
}

function one<V>(
  what: keyof typeof most,
  of: (machine: Machine) => readonly V[],
  show: (one: V, at: number) => object,
) {
  return ({ world, user, datacenter, name, place }: Visit): Reply => {
    const at = Number(place) - 1;
    const found = of(machineNamed(world, user, datacenter, name))[at];
    return found === undefined
      ? refuse(404, `VM ${what} not found`)
      : success(user, datacenter, show(found, at));
  };
}

const disksOf = ({ disks }: Machine) => disks;
const nicsOf = ({ nics }: Machine) => nics;
const define = '^vm/([A-Za-z0-9._-]+)/define';

export const hardwareRoutes: readonly Route[] = [
  { pattern: new RegExp(`${define}/disk/$`), methods: { GET: list(disksOf, showDisk) } },
  {
    pattern: new RegExp(`${define}/disk/(\\d+)/$`),
    methods: {
      GET: one('disk', disksOf, showDisk),
      POST: defineDisk,
      PUT: redefineDisk,
      DELETE: undefineDisk,
    },
  },
  { pattern: new RegExp(`${define}/nic/$`), methods: { GET: list(nicsOf, showNic) } },
  {
    pattern: new RegExp(`${define}/nic/(\\d+)/$`),
    methods: {
      GET: one('NIC', nicsOf, showNic),
      POST: defineNic,
      PUT: redefineNic,
      DELETE: undefineNic,
    },
  },
];
