/** What the simulated Danube Cloud keeps. Rows are plain objects: tests change them in place. */

export interface DanubeUser {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  readonly apiKey: string;
  isSuperAdmin: boolean;
  hasApiAccess: boolean;
  isActive: boolean;
  /** Without one, zones cannot be deployed. */
  hasSshKey: boolean;
  /** What callbacks are signed with. */
  readonly callbackKey: string;
  /** The one token that logging in gave last. */
  token: { readonly text: string; readonly expiresMs: number } | null;
}

export interface Datacenter {
  readonly id: number;
  readonly name: string;
  alias: string;
  site: string;
  owner: DanubeUser;
  isPublic: boolean;
  /** Whether a zone has to be held to a number of processors: not to 0, which is no limit. */
  isCpuCapRequired: boolean;
  description: string;
  created: string;
  /** Users who may enter beside the owner, through a group. */
  members: DanubeUser[];
}

export interface ComputeNode {
  readonly uuid: string;
  readonly hostname: string;
  status: 'online' | 'maintenance' | 'unreachable' | 'unlicensed';
  /** What all its machines together can have; memory and disk in MiB. */
  capacity: Resources;
}

export type Resources = Pick<Deployed, 'vcpus' | 'ram' | 'disk'>;

/** With a trailing dash while an operation is under way on top of the state. */
export type MachineStatus =
  | 'stopped'
  | 'running'
  | 'stopping'
  | 'notready'
  | 'frozen'
  | 'notcreated'
  | 'deploying'
  | 'stopped-'
  | 'running-'
  | 'frozen-'
  | 'notcreated-'
  | 'error';

/** What is deployed, where that differs from what is defined. */
export interface Deployed {
  hostname: string;
  alias: string;
  vcpus: number;
  ram: number;
  disk: number;
  ips: string[];
}

export interface Disk {
  size: number;
  image: string | null;
  boot: boolean;
  model: string;
  compression: string;
  zpool: string;
}

export interface Nic {
  net: string;
  ip: string | null;
  model: string;
  allowedIps: string[];
  /** Whatever else was said of it. */
  extra: Readonly<Record<string, unknown>>;
}

export interface Machine extends Deployed {
  readonly uuid: string;
  readonly datacenter: Datacenter;
  node: ComputeNode | null;
  owner: DanubeUser;
  status: MachineStatus;
  /** Null when never deployed. */
  deployed: Deployed | null;
  /** Uptime gathered before `runningSinceMs`, in seconds. */
  uptime: number;
  runningSinceMs: number | null;
  statusChanged: string | null;
  locked: boolean;
  isReplica: boolean;
  tags: string[];
  /** 1 Linux VM, 2 SunOS VM, 3 BSD VM, 4 Windows VM, 5 SunOS Zone, 6 Linux Zone. */
  ostype: number;
  note: string;
  mdata: Record<string, string>;
  template: string | null;
  /** ISO 8601. */
  created: string;
  /** Their sizes add up to `disk`. */
  disks: Disk[];
  /** Their addresses are among `ips`. */
  nics: Nic[];
  snapshots: number;
  activeSnapshotDefinitions: number;
  inactiveSnapshotDefinitions: number;
  backups: number;
  activeBackupDefinitions: number;
  inactiveBackupDefinitions: number;
  slaves: number;
  sizeSnapshots: number;
  sizeBackups: number;
}

export type TaskStatus = 'PENDING' | 'STARTED' | 'SUCCESS' | 'FAILURE' | 'REVOKED';

export interface Task {
  readonly id: string;
  readonly user: DanubeUser;
  readonly owner: DanubeUser;
  readonly datacenter: Datacenter;
  readonly machine: Machine | null;
  readonly view: string;
  readonly method: string;
  readonly startedMs: number;
  status: TaskStatus;
  /** When it ended; null while it has not. Results are forgotten an hour later. */
  endedMs: number | null;
  result: unknown;
}

export interface DanubeWorld {
  readonly users: DanubeUser[];
  readonly datacenters: Datacenter[];
  readonly nodes: ComputeNode[];
  readonly machines: Machine[];
  readonly tasks: Map<string, Task>;
  /** While set, everybody but SuperAdmins gets 503. */
  isUpdating: boolean;
  /** While set, nobody takes tasks up from the queue: they are refused. */
  isWorkerDown: boolean;
  /** While set, no machine that is deployed comes up, and Danube gives up after twenty minutes. */
  doDeploysHang: boolean;
}
