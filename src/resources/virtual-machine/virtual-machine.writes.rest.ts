/** Changing virtual machines over Danube Cloud's REST API. */

import type { DanubeWrite } from '../../upstream/danube/connection.ts';
import type {
  DefinitionInput,
  DeployInput,
  PowerInput,
  UpdateInput,
} from './virtual-machine.model.ts';

/** A machine as addresses name it. */
export interface Target {
  /** Its hostname, or its uuid with dashes. */
  readonly name: string;
  readonly datacenter: string;
}

/** Source: POST /vm/(hostname_or_uuid). Danube asks for `force` where a machine would be lost. */
export function deployment(
  { name, datacenter }: Target,
  { recreate, confirm }: DeployInput,
): DanubeWrite {
  return {
    method: 'POST',
    path: ['vm', name],
    body: { dc: datacenter, ...(recreate ? { recreate: true, force: confirm } : {}) },
    names: { recreate: 'recreate', force: 'confirm' },
  };
}

/** Source: PUT /vm/(hostname_or_uuid). */
export function update({ name, datacenter }: Target, { force, node }: UpdateInput): DanubeWrite {
  return {
    method: 'PUT',
    path: ['vm', name],
    body: { dc: datacenter, ...(force ? { force: true } : {}), ...(node == null ? {} : { node }) },
    names: { force: 'force', node: 'node' },
  };
}

/** Source: DELETE /vm/(hostname_or_uuid). */
export function deletion({ name, datacenter }: Target): DanubeWrite {
  return { method: 'DELETE', path: ['vm', name], body: { dc: datacenter }, names: {} };
}

/** Source: PUT /vm/(hostname_or_uuid)/status/(action). */
export function powerChange(
  { name, datacenter }: Target,
  action: 'start' | 'stop' | 'reboot',
  { force, timeoutSeconds }: PowerInput,
): DanubeWrite {
  return {
    method: 'PUT',
    path: ['vm', name, 'status', action],
    body: {
      dc: datacenter,
      ...(force === true ? { force: true } : {}),
      ...(timeoutSeconds == null ? {} : { timeout: timeoutSeconds }),
    },
    names: { force: 'force', timeout: 'timeoutSeconds' },
  };
}

const definitionNames = {
  alias: 'alias',
  vcpus: 'vcpus',
  ram: 'ramMiB',
  tags: 'tags',
  note: 'note',
  mdata: 'mdata',
  owner: 'owner',
  node: 'node',
};

/** Source: PUT /vm/(hostname_or_uuid)/define. Tags and mdata are replaced as a whole. */
export function redefinition({ name, datacenter }: Target, input: DefinitionInput): DanubeWrite {
  const given = input as Readonly<Record<string, unknown>>;
  const changes = Object.entries(definitionNames).flatMap(([field, own]) =>
    given[own] === null || given[own] === undefined ? [] : [[field, given[own]] as const],
  );
  return {
    method: 'PUT',
    path: ['vm', name, 'define'],
    body: { dc: datacenter, ...Object.fromEntries(changes) },
    names: definitionNames,
  };
}

/** The tags that link a machine to Waldur's owners, in place of those that it has. */
export function withLinks(
  tags: readonly string[],
  links: Readonly<Record<'project' | 'customer' | 'tenant', string | null | undefined>>,
): string[] {
  const changed = Object.entries(links).filter(([, uuid]) => uuid !== undefined);
  const isReplaced = (tag: string) => changed.some(([noun]) => tag.startsWith(`waldur:${noun}:`));
  return [
    ...tags.filter((tag) => !isReplaced(tag)),
    ...changed.flatMap(([noun, uuid]) => (uuid === null ? [] : [`waldur:${noun}:${uuid}`])),
  ];
}
