/** Filtering machines here: Danube Cloud cannot. */

import type { Row, Wanted } from '../../rows/row.ts';
import type { OverallState } from '../resource/resource.model.ts';
import type { MachineSieve, VirtualMachine } from './virtual-machine.model.ts';

type Test = (machine: Row<VirtualMachine>, given: never) => boolean;

/** For each input of the filter: the properties it is about, and when a machine passes. */
const tests: Record<
  keyof MachineSieve,
  { readonly properties: readonly (keyof VirtualMachine)[]; readonly test: Test }
> = {
  hostname: { properties: ['hostname'], test: contains('hostname') },
  owner: equal('owner'),
  tag: {
    properties: ['tags'],
    test: (machine, tag: string) => (machine.read('tags') as string[]).includes(tag),
  },
  status: {
    properties: ['status'],
    test: (machine, statuses: readonly unknown[]) => statuses.includes(machine.read('status')),
  },
  project: equal('projectUuid'),
  customer: equal('customerUuid'),
  tenant: equal('tenantUuid'),
  text: {
    properties: ['hostname', 'alias', 'ips', 'uuid'],
    test: (machine, text: string) =>
      contains('hostname')(machine, text) ||
      contains('alias')(machine, text) ||
      (machine.read('ips') as string[]).includes(text) ||
      digitsOf(machine.read('uuid')) === digitsOf(text),
  },
  overall: {
    properties: ['status', 'inTransition'],
    test: (machine, states: readonly unknown[]) => states.includes(overallStateOf(machine)),
  },
};

function equal(property: keyof VirtualMachine) {
  return {
    properties: [property],
    test: (machine: Row, given: string) => machine.read(property) === given,
  };
}

function contains(property: 'hostname' | 'alias') {
  return (machine: Row, part: string) =>
    String(machine.read(property)).toLowerCase().includes(part.toLowerCase());
}

function digitsOf(uuid: unknown): string {
  return String(uuid).replaceAll('-', '').toLowerCase();
}

/** Null for a status that is not known here. */
export function overallStateOf(machine: Row<VirtualMachine>): OverallState | null {
  if (machine.read('inTransition') === true) {
    return 'IN_TRANSITION';
  }
  const status = machine.read('status');
  return status === 'UNKNOWN' ? null : status === 'ERROR' ? 'ERRED' : 'OK';
}

/** The properties that a filter reads. */
export function filterNeeds(filter: MachineSieve): Wanted {
  const needs: Record<string, Wanted> = {};
  for (const [{ properties }] of givenTests(filter)) {
    for (const property of properties) {
      needs[property] = {};
    }
  }
  return needs;
}

/** Whether all that is given holds; null and empty texts do not filter. */
export function passes(machine: Row<VirtualMachine>, filter: MachineSieve): boolean {
  return givenTests(filter).every(([{ test }, value]) => test(machine, value as never));
}

function givenTests(filter: MachineSieve) {
  return Object.entries(filter)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([input, value]) => [tests[input as keyof MachineSieve], value] as const);
}
