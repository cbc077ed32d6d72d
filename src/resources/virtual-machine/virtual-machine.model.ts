import type { Row } from '../../rows/row.ts';
import type { Datacenter } from '../datacenter/datacenter.model.ts';
import type { OverallState } from '../resource/resource.model.ts';

export type VirtualMachineStatus =
  | 'STOPPED'
  | 'RUNNING'
  | 'STOPPING'
  | 'NOTREADY'
  | 'FROZEN'
  | 'NOTCREATED'
  | 'DEPLOYING'
  | 'ERROR'
  | 'UNKNOWN';

export interface VirtualMachine {
  uuid: string;
  hostname: string;
  alias: string;
  status: VirtualMachineStatus;
  inTransition: boolean;
  node: string | null;
  nodeStatus: string | null;
  owner: string;
  vcpus: number;
  ramMiB: number;
  diskMiB: number;
  ips: string[];
  uptimeSeconds: number;
  locked: boolean;
  changed: boolean;
  tags: string[];
  snapshots: number;
  snapshotsSizeMiB: number;
  activeSnapshotDefinitions: number;
  inactiveSnapshotDefinitions: number;
  backups: number;
  backupsSizeMiB: number;
  activeBackupDefinitions: number;
  inactiveBackupDefinitions: number;
  slaves: number;
  datacenter: Row<Datacenter>;
  /** Uuids of Waldur's, 32 lower-case digits, as the machine's tags tell. */
  projectUuid: string | null;
  customerUuid: string | null;
  tenantUuid: string | null;
}

export interface VirtualMachineFilter {
  hostname?: string | null | undefined;
  owner?: string | null | undefined;
  tag?: string | null | undefined;
  status?: readonly VirtualMachineStatus[] | null | undefined;
  project?: string | null | undefined;
  customer?: string | null | undefined;
  tenant?: string | null | undefined;
}

/** What else machines can be told apart by here. */
export interface MachineSieve extends VirtualMachineFilter {
  /** Part of the hostname or alias, or a whole address or uuid. */
  text?: string | undefined;
  /** In one of these. */
  overall?: readonly OverallState[] | undefined;
}

/** Exactly one of hostname and uuid; the datacenter is the configured one where absent. */
export interface MachineRef {
  hostname?: string | null | undefined;
  uuid?: string | null | undefined;
  datacenter?: string | null | undefined;
}

export interface DeployInput extends MachineRef {
  recreate: boolean;
  confirm: boolean;
}

export interface UpdateInput extends MachineRef {
  force: boolean;
  node?: string | null | undefined;
}

export interface PowerInput extends MachineRef {
  force?: boolean | null | undefined;
  timeoutSeconds?: number | null | undefined;
}

/** What is absent stays as it is. */
export interface DefinitionInput extends MachineRef {
  alias?: string | null | undefined;
  vcpus?: number | null | undefined;
  ramMiB?: number | null | undefined;
  tags?: readonly string[] | null | undefined;
  note?: string | null | undefined;
  mdata?: unknown;
  owner?: string | null | undefined;
  node?: string | null | undefined;
}

/** What is absent stays as it is, null unlinks. */
export interface LinksInput extends MachineRef {
  project?: string | null | undefined;
  customer?: string | null | undefined;
  tenant?: string | null | undefined;
}
