/** Definitions of machines, their disks and network cards over Danube Cloud's REST API. */

import type { Raw } from '../../rows/row.ts';
import type { DanubeConnection, DanubeWrite } from '../../upstream/danube/connection.ts';
import { danube } from '../../upstream/danube/readings.ts';
import { encoded } from '../../upstream/http/encoded.ts';
import type { CreateInput, DiskInput, NicInput } from './virtual-machine.recipe.model.ts';
import { type Target, withLinks } from './virtual-machine.writes.rest.ts';

/** What has a number of its own in a definition. */
export type PartKind = 'disk' | 'nic';

const definitionNames = {
  hostname: 'hostname',
  alias: 'alias',
  vcpus: 'vcpus',
  ram: 'ramMiB',
  ostype: 'ostype',
  owner: 'owner',
  node: 'node',
  template: 'template',
  tags: 'tags',
  note: 'note',
  mdata: 'mdata',
};

const partNames: Readonly<Record<PartKind, Readonly<Record<string, string>>>> = {
  disk: {
    size: 'sizeMiB',
    image: 'image',
    model: 'model',
    boot: 'boot',
    compression: 'compression',
    zpool: 'zpool',
  },
  nic: {
    net: 'net',
    ip: 'ip',
    allowed_ips: 'allowedIps',
    model: 'model',
    primary: 'primary',
    dns: 'dns',
    use_net_dns: 'useNetDns',
    set_gateway: 'setGateway',
    monitoring: 'monitoring',
    mtu: 'mtu',
  },
};

/** What was given of an input, under Danube's names. */
function bodyFrom(
  given: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(names)
      .map(([field, own]) => [field, given[own]] as const)
      .filter(([, value]) => value !== null && value !== undefined),
  );
}

/** Source: POST /vm/(hostname_or_uuid)/define. Owners in Waldur become tags. */
export function definition({ name, datacenter }: Target, input: CreateInput): DanubeWrite {
  const { project, customer, tenant } = input;
  const links = { project: project ?? undefined, customer: customer ?? undefined };
  const tags = withLinks(input.tags ?? [], { ...links, tenant: tenant ?? undefined });
  const { hostname: _, ...names } = definitionNames;
  const body = bodyFrom({ ...input, tags: tags.length === 0 ? null : tags }, names);
  return {
    method: 'POST',
    path: ['vm', name, 'define'],
    body: { dc: datacenter, ...body },
    names: definitionNames,
  };
}

/** Source: DELETE /vm/(hostname_or_uuid)/define. Its disks and network cards go with it. */
export function undefinition({ name, datacenter }: Target): DanubeWrite {
  return {
    method: 'DELETE',
    path: ['vm', name, 'define'],
    body: { dc: datacenter },
    names: {},
  };
}

/**
 * Source: POST and PUT /vm/(hostname_or_uuid)/define/disk/(disk_id), and the same of nic.
 *
 * @param number - from 1 on
 */
export function partDefinition(
  { name, datacenter }: Target,
  kind: PartKind,
  number: number,
  input: DiskInput | NicInput,
  method: 'POST' | 'PUT' = 'POST',
): DanubeWrite {
  const names = partNames[kind];
  const body = bodyFrom(input as Readonly<Record<string, unknown>>, names);
  return {
    method,
    path: ['vm', name, 'define', kind, String(number)],
    body: { dc: datacenter, ...body },
    names,
  };
}

/** Source: DELETE /vm/(hostname_or_uuid)/define/disk/(disk_id), and the same of nic. */
export function partUndefinition(
  { name, datacenter }: Target,
  kind: PartKind,
  number: number,
): DanubeWrite {
  return {
    method: 'DELETE',
    path: ['vm', name, 'define', kind, String(number)],
    body: { dc: datacenter },
    names: {},
  };
}

/**
 * What is defined of a machine.
 *
 * @throws {UpstreamFailure} `not-found` also for one in another datacenter
 *
 * Source: GET /vm/(hostname_or_uuid)/define.
 */
export async function fetchDefinition(
  connection: DanubeConnection,
  { name, datacenter }: Target,
): Promise<Raw> {
  const path = `/vm/${encoded(name)}/define/`;
  const result = await connection.read(path, { dc: datacenter });
  if (typeof result !== 'object' || result === null || Array.isArray(result)) {
    throw danube.wrong(path, 'a definition');
  }
  return result as Raw;
}

/**
 * The disks or network cards that are defined, in their order.
 *
 * @throws {UpstreamFailure}
 *
 * Source: GET /vm/(hostname_or_uuid)/define/disk, and the same of nic.
 */
export async function fetchParts(
  connection: DanubeConnection,
  { name, datacenter }: Target,
  kind: PartKind,
): Promise<readonly Raw[]> {
  const path = `/vm/${encoded(name)}/define/${kind}/`;
  const result = await connection.read(path, { dc: datacenter });
  if (!Array.isArray(result)) {
    throw danube.wrong(path, 'a list');
  }
  return result as Raw[];
}

/**
 * In what a write asks for something else than there is, by the input's names. Danube may have added
 * to lists and objects, such as an image's tags.
 */
export function differences({ body, names }: DanubeWrite, there: Raw): string[] {
  return Object.entries(body)
    .filter(([field]) => field !== 'dc')
    .filter(([field, wanted]) => !covers(there[field], wanted))
    .map(([field]) => names[field] ?? field);
}

function covers(there: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(there) && wanted.every((one) => there.includes(one));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    const known = (typeof there === 'object' && there !== null ? there : {}) as Raw;
    return Object.entries(wanted).every(([key, value]) => known[key] === value);
  }
  return there === wanted;
}
