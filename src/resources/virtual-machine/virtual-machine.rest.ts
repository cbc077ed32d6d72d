/** Virtual machines over Danube Cloud's REST API. */

import type { Noun, Raw, Reading } from '../../rows/row.ts';
import type { DanubeConnection } from '../../upstream/danube/connection.ts';
import { danube } from '../../upstream/danube/readings.ts';
import { encoded } from '../../upstream/http/encoded.ts';
import type { Datacenter } from '../datacenter/datacenter.model.ts';
import { datacenterInMachine, datacenterNoun } from '../datacenter/datacenter.rest.ts';
import type { VirtualMachineStatus } from './virtual-machine.model.ts';

const statuses: Readonly<Record<string, VirtualMachineStatus>> = {
  stopped: 'STOPPED',
  running: 'RUNNING',
  stopping: 'STOPPING',
  notready: 'NOTREADY',
  frozen: 'FROZEN',
  notcreated: 'NOTCREATED',
  deploying: 'DEPLOYING',
  error: 'ERROR',
};

/** A trailing dash says that an operation is under way on top of the state before it. */
const status: Reading<VirtualMachineStatus> = {
  fields: ['status'],
  read: (raw, row) => statuses[textOfStatus.read(raw, row).replace(/-$/, '')] ?? 'UNKNOWN',
};

const textOfStatus = danube.text('status');

const inTransition: Reading<boolean> = {
  fields: ['status'],
  read: (raw, row) => /^(deploying|stopping|notready)$|-$/.test(textOfStatus.read(raw, row)),
};

const tags = danube.texts('tags');

/** The uuid in a tag such as `waldur:project:5f…`; tags of another form are not links. */
const linkedUuid = (noun: 'project' | 'customer' | 'tenant'): Reading<string | null> => ({
  fields: ['tags'],
  read: (raw, row) => {
    for (const tag of tags.read(raw, row)) {
      const digits = new RegExp(`^waldur:${noun}:([0-9a-fA-F-]{32,36})$`).exec(tag)?.[1];
      const uuid = digits?.replaceAll('-', '').toLowerCase();
      if (uuid?.length === 32) {
        return uuid;
      }
    }
    return null;
  },
});

/** Source: GET /vm/(hostname_or_uuid) in Danube Cloud's API documentation, and what 4.6 adds to it. */
export const virtualMachineNoun: Noun = {
  name: 'VirtualMachine',
  view: {
    uuid: danube.uuid('uuid'),
    hostname: danube.text('hostname'),
    alias: danube.text('alias'),
    status,
    inTransition,
    node: danube.textUnlessEmpty('node'),
    nodeStatus: danube.textUnlessEmpty('node_status'),
    owner: danube.text('owner'),
    vcpus: danube.integer('vcpus'),
    ramMiB: danube.integer('ram'),
    diskMiB: danube.integer('disk'),
    ips: danube.texts('ips'),
    uptimeSeconds: danube.integer('uptime'),
    locked: danube.flag('locked'),
    changed: danube.flag('changed'),
    tags,
    snapshots: danube.integer('snapshots'),
    snapshotsSizeMiB: danube.integer('size_snapshots'),
    activeSnapshotDefinitions: danube.integer('snapshot_define_active'),
    inactiveSnapshotDefinitions: danube.integer('snapshot_define_inactive'),
    backups: danube.integer('backups'),
    backupsSizeMiB: danube.integer('size_backups'),
    activeBackupDefinitions: danube.integer('backup_define_active'),
    inactiveBackupDefinitions: danube.integer('backup_define_inactive'),
    slaves: danube.integer('slaves'),
    datacenter: danube.link<Datacenter>(datacenterNoun, datacenterInMachine),
    projectUuid: linkedUuid('project'),
    customerUuid: linkedUuid('customer'),
    tenantUuid: linkedUuid('tenant'),
  },
};

/** How much Danube tells of machines: what is asked for costs its database. */
export type Extent = 'names' | 'full' | 'extended';

const fieldsOfNames: ReadonlySet<string> = new Set(['hostname', 'dc']);
const fieldsOfFull: ReadonlySet<string> = new Set(
  'hostname dc uuid alias node owner status node_status vcpus ram disk ips uptime locked changed'.split(
    ' ',
  ),
);

/** Which fields rows of the extent hold; null = all. */
export function fieldsOf(extent: Extent): ReadonlySet<string> | null {
  return { names: fieldsOfNames, full: fieldsOfFull, extended: null }[extent];
}

/**
 * The least extent that tells all the fields.
 *
 * @param active - as deployed: Danube's list of names has them as they are defined all the same
 */
export function extentFor(fields: ReadonlySet<string>, active: boolean): Extent {
  const within = (known: ReadonlySet<string>) => [...fields].every((field) => known.has(field));
  if (!active && within(fieldsOfNames)) {
    return 'names';
  }
  return within(fieldsOfFull) ? 'full' : 'extended';
}

export interface Place {
  readonly datacenter: string;
  /** As last deployed to the compute node, rather than as defined. */
  readonly active: boolean;
}

/**
 * All machines of a datacenter that the caller sees, by hostname. Each has its datacenter in `dc`,
 * which Danube itself leaves out.
 *
 * @throws {UpstreamFailure} `not-found` for a datacenter that the caller may not enter
 */
export async function fetchMachines(
  connection: DanubeConnection,
  place: Place,
  extent: Extent,
): Promise<readonly Raw[]> {
  const result = await connection.read('/vm/', parametersOf(place, extent));
  if (!Array.isArray(result)) {
    throw danube.wrong('/vm/', 'a list');
  }
  return result.map((entry: unknown) => toMachine(entry, place));
}

/**
 * One machine.
 *
 * @param name - its hostname, or its uuid with dashes
 * @throws {UpstreamFailure} `not-found` also when it is another user's
 */
export async function fetchMachine(
  connection: DanubeConnection,
  place: Place,
  name: string,
): Promise<Raw> {
  // There is no way to ask for less than `full` of one.
  const parameters = parametersOf(place, 'extended');
  return toMachine(await connection.read(`/vm/${encoded(name)}/`, parameters), place);
}

/** Which fields the list of states holds of a machine. */
export const fieldsOfStatus: ReadonlySet<string> = new Set(
  'hostname dc uuid alias status node_status uptime'.split(' '),
);

/** When the state was last another, in the list of states; null when Danube does not tell. */
export const statusSince = danube.instantOrNull('status_change');

/** A machine in the list of states. */
export interface ListedStatus {
  readonly hostname: string;
  /** By `fieldsOfStatus`, with its datacenter in `dc`. */
  readonly raw: Raw;
  /** Its tasks that have not ended, by id. */
  readonly taskIds: readonly string[];
}

/**
 * The states of a datacenter's machines, with the tasks that have not ended.
 *
 * @throws {UpstreamFailure}
 *
 * Source: GET /vm/status in Danube Cloud's API documentation.
 */
export async function fetchStatuses(
  connection: DanubeConnection,
  datacenter: string,
): Promise<readonly ListedStatus[]> {
  const result = await connection.read('/vm/status/', { dc: datacenter });
  if (!Array.isArray(result)) {
    throw danube.wrong('/vm/status/', 'a list');
  }
  return (result as Raw[]).map((entry) => {
    if (typeof entry?.hostname !== 'string') {
      throw danube.wrong('/vm/status/', 'machines');
    }
    return {
      hostname: entry.hostname,
      raw: { ...entry, dc: datacenter },
      taskIds: Object.keys((entry.tasks as object | null) ?? {}),
    };
  });
}

function parametersOf(place: Place, extent: Extent): Record<string, string> {
  return {
    dc: place.datacenter,
    ...(extent === 'names' ? {} : { [extent]: 'true' }),
    // Danube takes any text for true here, `false` as well.
    ...(place.active ? { active: 'true' } : {}),
  };
}

function toMachine(entry: unknown, { datacenter }: Place): Raw {
  if (typeof entry === 'string') {
    return { hostname: entry, dc: datacenter };
  }
  if (typeof entry !== 'object' || entry === null) {
    throw danube.wrong('/vm/', 'names or objects');
  }
  return { ...entry, dc: datacenter };
}
