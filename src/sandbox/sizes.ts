/** Worlds by name, from one that a person can look through to one that nobody can. */

import { type DanubeSizes, defaultDanubeSizes } from './danube/world.ts';
import { defaultWaldurSizes, type WaldurSizes } from './waldur/world.ts';

/** How many there are of each. */
export type Sizes = WaldurSizes & DanubeSizes;

export const namedSizes = {
  small: {
    customers: 3,
    projects: 6,
    tenants: 4,
    securityGroups: 20,
    serverGroups: 8,
    allocations: 6,
    datacenters: 2,
    machines: 10,
  },
  medium: { ...defaultWaldurSizes, ...defaultDanubeSizes },
  large: {
    customers: 100,
    projects: 1_000,
    tenants: 800,
    securityGroups: 20_000,
    serverGroups: 3_000,
    allocations: 2_000,
    datacenters: 5,
    machines: 2_000,
  },
} as const satisfies Readonly<Record<string, Sizes>>;

export type SizeName = keyof typeof namedSizes;
