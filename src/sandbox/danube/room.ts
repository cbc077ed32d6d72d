/** What compute nodes have left for machines. */

import type { ComputeNode, Machine, Resources } from './model.ts';

/** A machine has its share of the node that it is defined for, deployed or not. */
export function usedOn(node: ComputeNode, machines: readonly Machine[]): Resources {
  const used = { vcpus: 0, ram: 0, disk: 0 };
  for (const machine of machines) {
    if (machine.node === node) {
      used.vcpus += machine.vcpus;
      used.ram += machine.ram;
      used.disk += machine.disk;
    }
  }
  return used;
}

const complaints: Readonly<Record<keyof Resources, string>> = {
  vcpus: 'Not enough free vCPUs on node.',
  ram: 'Not enough free RAM on node.',
  disk: 'Not enough free disk space on node.',
};

/**
 * What a machine's node has not enough of for it, in Danube's words; nothing when there is room, and
 * for a machine without a node.
 */
export function shortagesFor(
  { node, ...wanted }: Resources & Pick<Machine, 'node'>,
  others: readonly Machine[],
): string[] {
  if (node === null) {
    return [];
  }
  const used = usedOn(node, others);
  return (['vcpus', 'ram', 'disk'] as const)
    .filter((resource) => used[resource] + wanted[resource] > node.capacity[resource])
    .map((resource) => complaints[resource]);
}
