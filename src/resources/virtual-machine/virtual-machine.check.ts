/** What is wrong with machines as they are asked for, as far as Danube's rules are known here. */

import type { Issue } from '../../failure.ts';
import type { MachineRef, UpdateInput } from './virtual-machine.model.ts';
import type { CreateInput, DiskInput } from './virtual-machine.recipe.model.ts';

/** Hostnames and uuids as Danube's addresses allow them; dots alone would lead elsewhere. */
export const hostnameOrUuid = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;
const datacenterPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,15}$/;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9.-]+[A-Za-z0-9]$/;
const reservedNames = ['define', 'status', 'backup', 'snapshot'];
const tagPattern = /^[ :/A-Za-z0-9_-]+$/;
const keyPattern = /^[A-Za-z0-9.\-_:]{1,128}$/;

const most = { vcpus: 1_024, ramMiB: 1_048_576, disks: 6, nics: 16 };

const datacenterIssues = (datacenter: string | null | undefined): Issue[] =>
  datacenter == null || datacenterPattern.test(datacenter)
    ? []
    : [{ path: ['datacenter'], message: 'is not a name of a datacenter' }];

export function refIssues({ hostname, uuid, datacenter }: MachineRef): Issue[] {
  const issues: Issue[] = [];
  if ((hostname == null) === (uuid == null)) {
    issues.push({ path: ['hostname'], message: 'exactly one of hostname and uuid is needed' });
  } else if (hostname != null && !hostnameOrUuid.test(hostname)) {
    issues.push({ path: ['hostname'], message: 'is not a hostname' });
  }
  return [...issues, ...datacenterIssues(datacenter)];
}

/** Without force Danube passes over the node, and sends the definition to the one it knows. */
export function updateIssues({ force, node }: UpdateInput): Issue[] {
  return node == null || force ? [] : [{ path: ['node'], message: 'must be used with force' }];
}

/**
 * Every fault of a machine that is to be made.
 *
 * Source: Danube Cloud 4.6, the serializers of definitions, disks and NICs.
 */
export function creationIssues(input: CreateInput): Issue[] {
  const { hostname, alias, tags, mdata, disks, nics } = input;
  const issues: Issue[] = [];
  const add = (path: (string | number)[], message: string) =>
    issues.push({ path: path.map(String), message });
  const isName = (name: string, longest: number) =>
    name.length >= 4 &&
    name.length <= longest &&
    namePattern.test(name) &&
    !/\.\.|--/.test(name) &&
    !reservedNames.includes(name);
  if (!isName(hostname, 128)) {
    add(['hostname'], 'must be 4 to 128 letters, digits, dots and hyphens');
  } else if (alias == null && hostname.length > 24) {
    add(['alias'], 'is needed for a hostname of more than 24 characters');
  }
  if (alias != null && !isName(alias, 24)) {
    add(['alias'], 'must be 4 to 24 letters, digits, dots and hyphens');
  }
  issues.push(...datacenterIssues(input.datacenter));
  for (const field of ['vcpus', 'ramMiB'] as const) {
    const least = field === 'vcpus' && (input.ostype ?? 1) >= 5 ? 0 : 1;
    if (input[field] < least || input[field] > most[field]) {
      add([field], `must be from ${least} to ${most[field]}`);
    }
  }
  for (const [at, tag] of (tags ?? []).entries()) {
    if (!tagPattern.test(tag)) {
      add(['tags', at], 'must be letters, digits, spaces and : / _ -');
    }
  }
  for (const { path, message } of metadataIssues(mdata)) {
    add(['mdata', ...path], message);
  }
  for (const [name, list] of Object.entries({ disks, nics })) {
    const limit = most[name as 'disks' | 'nics'];
    if ((list?.length ?? 0) > limit) {
      add([name], `must be at most ${limit}`);
    }
  }
  for (const [at, disk] of (disks ?? []).entries()) {
    for (const { path, message } of diskIssues(disk, at)) {
      add(['disks', at, ...path], message);
    }
  }
  for (const [at, { net, allowedIps }] of (nics ?? []).entries()) {
    if (net === '') {
      add(['nics', at, 'net'], 'must not be empty');
    }
    if ((allowedIps?.length ?? 0) > 8) {
      add(['nics', at, 'allowedIps'], 'must be at most 8');
    }
  }
  return issues;
}

function metadataIssues(mdata: unknown): Issue[] {
  if (mdata == null) {
    return [];
  }
  if (typeof mdata !== 'object' || Array.isArray(mdata)) {
    return [{ path: [], message: 'must be an object of texts' }];
  }
  return Object.entries(mdata).flatMap(([key, value]): Issue[] => {
    if (!keyPattern.test(key) || key === 'resize_needed') {
      return [{ path: [key], message: 'is not a name for metadata' }];
    }
    return typeof value === 'string' ? [] : [{ path: [key], message: 'must be a text' }];
  });
}

function diskIssues({ sizeMiB, image, boot }: DiskInput, at: number): Issue[] {
  const issues: Issue[] = [];
  if (sizeMiB == null && image == null) {
    issues.push({ path: ['sizeMiB'], message: 'is needed where there is no image' });
  } else if (sizeMiB != null && sizeMiB < 1) {
    issues.push({ path: ['sizeMiB'], message: 'must be at least 1' });
  }
  if (at > 0 && image != null) {
    issues.push({ path: ['image'], message: 'can be on the first disk alone' });
  }
  if (at > 0 && boot === true) {
    issues.push({ path: ['boot'], message: 'can be on the first disk alone' });
  }
  return issues;
}
