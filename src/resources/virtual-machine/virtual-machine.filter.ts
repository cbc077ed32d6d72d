/** Filtering machines here: Danube Cloud cannot. */

import type { Row, Wanted } from '../../rows/row.ts';
import type { VirtualMachine, VirtualMachineFilter } from './virtual-machine.model.ts';

type Test = (machine: Row<VirtualMachine>, given: never) => boolean;

/** For each input of the filter: the property it is about, and when a machine passes. */
const tests: Record<
  keyof VirtualMachineFilter,
  { readonly property: keyof VirtualMachine; readonly test: Test }
> = {
  hostname: {
    property: 'hostname',
    test: (machine, part: string) =>
      String(machine.read('hostname')).toLowerCase().includes(part.toLowerCase()),
  },
  owner: equal('owner'),
  tag: {
    property: 'tags',
    test: (machine, tag: string) => (machine.read('tags') as string[]).includes(tag),
  },
  status: {
    property: 'status',
    test: (machine, statuses: readonly unknown[]) => statuses.includes(machine.read('status')),
  },
  project: equal('projectUuid'),
  customer: equal('customerUuid'),
  tenant: equal('tenantUuid'),
};

function equal(property: keyof VirtualMachine) {
  return { property, test: (machine: Row, given: string) => machine.read(property) === given };
}

/** The properties that a filter reads. */
export function filterNeeds(filter: VirtualMachineFilter): Wanted {
  const needs: Record<string, Wanted> = {};
  for (const [{ property }] of givenTests(filter)) {
    needs[property] = {};
  }
  return needs;
}

/** Whether all that is given holds; null and empty texts do not filter. */
export function passes(machine: Row<VirtualMachine>, filter: VirtualMachineFilter): boolean {
  return givenTests(filter).every(([{ test }, value]) => test(machine, value as never));
}

function givenTests(filter: VirtualMachineFilter) {
  return Object.entries(filter)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([input, value]) => [tests[input as keyof VirtualMachineFilter], value] as const);
}
