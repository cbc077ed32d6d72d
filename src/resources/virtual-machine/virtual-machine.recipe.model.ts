/** What a machine is made of, as it is asked for in one go. */

import type { MachineRef } from './virtual-machine.model.ts';

export interface DiskInput {
  sizeMiB?: number | null | undefined;
  image?: string | null | undefined;
  model?: string | null | undefined;
  boot?: boolean | null | undefined;
  compression?: string | null | undefined;
  zpool?: string | null | undefined;
}

export interface NicInput {
  net: string;
  ip?: string | null | undefined;
  allowedIps?: readonly string[] | null | undefined;
  model?: string | null | undefined;
  primary?: boolean | null | undefined;
  dns?: boolean | null | undefined;
  useNetDns?: boolean | null | undefined;
  setGateway?: boolean | null | undefined;
  monitoring?: boolean | null | undefined;
  mtu?: number | null | undefined;
}

export interface CreateInput {
  hostname: string;
  datacenter?: string | null | undefined;
  alias?: string | null | undefined;
  vcpus: number;
  ramMiB: number;
  /** Danube's number of it. */
  ostype?: number | null | undefined;
  owner?: string | null | undefined;
  node?: string | null | undefined;
  template?: string | null | undefined;
  tags?: readonly string[] | null | undefined;
  note?: string | null | undefined;
  mdata?: unknown;
  disks?: readonly DiskInput[] | null | undefined;
  nics?: readonly NicInput[] | null | undefined;
  /** Uuids of Waldur's. */
  project?: string | null | undefined;
  customer?: string | null | undefined;
  tenant?: string | null | undefined;
  deploy: boolean;
}

export interface DestroyInput extends MachineRef {
  confirm: boolean;
  /** Whether to stop it without asking its system. */
  force: boolean;
}
