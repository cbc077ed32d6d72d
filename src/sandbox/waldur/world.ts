/** A seeded world for the simulated Waldur: the same seed and sizes give the same rows. */

import { type Names, openNames } from '../names.ts';
import { openRandom, type Random } from '../random.ts';
import {
  type Allocation,
  type Customer,
  type MarketplaceResource,
  type Project,
  type Resource,
  type SecurityGroup,
  type ServerGroup,
  type ServiceSettings,
  type State,
  states,
  type Tenant,
  type WaldurWorld,
} from './model.ts';
import { seedRules } from './rules.ts';
import { seedUsers } from './users.ts';

export interface WaldurSizes {
  readonly customers: number;
  readonly projects: number;
  readonly tenants: number;
  readonly securityGroups: number;
  readonly serverGroups: number;
  readonly allocations: number;
}

export const defaultWaldurSizes: WaldurSizes = {
  customers: 12,
  projects: 60,
  tenants: 30,
  securityGroups: 400,
  serverGroups: 150,
  allocations: 80,
};

const epochMs = Date.UTC(2025, 0, 6, 8);
const spanMs = 400 * 24 * 3600 * 1000;

/** Everything that making a row needs. */
interface Seeding {
  readonly random: Random;
  readonly names: Names;
}

export function seedWaldur(seed: number, sizes: WaldurSizes): WaldurWorld {
  const random = openRandom(seed);
  const seeding: Seeding = { random, names: openNames(random) };
  const customers = many(sizes.customers, (at) => seedCustomer(seeding, at, sizes.customers));
  const projects = many(sizes.projects, (at) =>
    seedProject(seeding, at, sizes.projects, customers),
  );
  const settings = seedSettings(seeding, customers);
  const openStack = settings.filter(({ type }) => type === 'OpenStack');
  const openPortal = settings.filter(({ type }) => type === 'OpenPortal');
  const base = (at: number, size: number, name: string, project: Project, own: ServiceSettings[]) =>
    seedResource(seeding, at / size, name, project, own);

  const tenants = many(sizes.tenants, (at): Tenant => {
    const project = projects[(at * 2) % projects.length] as Project;
    const name = seeding.names.tenant(at);
    const resource = base(at, sizes.tenants, name, project, openStack);
    return {
      ...resource,
      // A tenant that Waldur has only imported so far has no identifier at the backend.
      backendId: at % 11 === 5 ? null : resource.backendId,
      accessUrl: [
        null,
        'https://dashboard.example.com/',
        ['https://a.example.com/', 'https://b.example.com/'],
      ][at % 3] as Tenant['accessUrl'],
      marketplace: at % 2 === 0 ? seedMarketplace(seeding, 'OpenStack.Tenant') : null,
      availabilityZone: at % 4 === 0 ? '' : 'nova',
      internalNetworkId: random.hex(32),
      externalNetworkId: at % 5 === 0 ? '' : random.hex(32),
      userUsername: `tenant-user-${at}`,
      userPassword: `tenant-password-${random.hex(12)}`,
      quotas: ['vcpu', 'ram', 'storage', 'instances', 'security_group_count'].map((quota) => ({
        name: quota,
        usage: random.integer(0, 60),
        limit: random.chance(0.2) ? -1 : random.integer(60, 500),
      })),
    };
  });

  const securityGroups = many(sizes.securityGroups, (at): SecurityGroup => {
    const tenant = random.pick(tenants);
    const name = at % 25 === 0 ? 'default' : seeding.names.securityGroup(at);
    return {
      ...base(at, sizes.securityGroups, name, tenant.project, [tenant.settings]),
      tenant,
      rules: [],
    };
  });
  seedRules(random, securityGroups);
  const ruleCounts = new Map<Tenant, number>();
  for (const { tenant, rules } of securityGroups) {
    ruleCounts.set(tenant, (ruleCounts.get(tenant) ?? 0) + rules.length);
  }
  for (const tenant of tenants) {
    const usage = ruleCounts.get(tenant) ?? 0;
    // Waldur's default, or room for some more in a large world.
    const limit = Math.max(100, usage + 50);
    tenant.quotas.push({ name: 'security_group_rule_count', usage, limit });
  }

  const policies = [
    'affinity',
    'anti-affinity',
    'soft-affinity',
    'soft-anti-affinity',
    '',
    'spread-evenly',
  ];
  const serverGroups = many(sizes.serverGroups, (at): ServerGroup => {
    const tenant = random.pick(tenants);
    const name = seeding.names.serverGroup(at);
    return {
      ...base(at, sizes.serverGroups, name, tenant.project, [tenant.settings]),
      tenant,
      policy: policies[at % policies.length] as string,
      instances: many(random.integer(0, 4), (index) => ({
        uuid: random.hex(32),
        name: `${name}-vm-${index}`,
        backendId: random.chance(0.2) ? null : random.hex(32),
      })),
    };
  });

  const limits = [0n, -1n, 1000n, 9007199254740993n, 250n];
  const allocations = many(sizes.allocations, (at): Allocation => {
    const project = random.pick(projects);
    const name = seeding.names.allocation(at);
    return {
      ...base(at, sizes.allocations, name, project, openPortal),
      marketplace: at % 3 === 0 ? seedMarketplace(seeding, 'OpenPortal.Allocation') : null,
      nodeLimit: limits[at % limits.length] as bigint,
      nodeUsage: `${random.integer(0, 900)}.${String(random.integer(0, 99)).padStart(2, '0')}`,
      groupname: at % 4 === 0 ? null : `grp${at}`,
      isActive: at % 6 !== 5,
    };
  });

  // Resources outlive the project that they belong to.
  const removed = projects.at(-1);
  if (removed !== undefined && projects.length > 3) {
    removed.isRemoved = true;
    removed.name = `${removed.name} (ended)`;
  }
  return {
    customers,
    projects,
    settings,
    tenants,
    securityGroups,
    serverGroups,
    allocations,
    users: seedUsers(customers, projects),
  };
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Every tenth instant lies on a whole second, which Waldur prints without a fraction. */
function instant(random: Random, share: number): string {
  const seconds = new Date(epochMs + Math.floor(share * spanMs)).toISOString().slice(0, 19);
  const micros = random.chance(0.1)
    ? ''
    : `.${String(random.integer(1, 999_999)).padStart(6, '0')}`;
  return `${seconds}${micros}`;
}

function seedCustomer({ random, names }: Seeding, at: number, size: number): Customer {
  const name = names.organization(at);
  const initials = name.replaceAll(/[^A-Z]/g, '');
  return {
    uuid: random.hex(32),
    name,
    nativeName: at % 3 === 0 ? '' : `${name} (kohalik)`,
    abbreviation: at % 4 === 3 ? '' : `${initials}${at}`,
    description: at % 5 === 0 ? '' : `${name}: research and services`,
    email: `office${at}@example.org`,
    phoneNumber: at % 2 === 0 ? `+372 555 ${1000 + at}` : '',
    country: ['EE', 'FI', 'LV', 'LT', ''][at % 5] as string,
    domain: `org${at}.example.org`,
    created: instant(random, at / size),
    accessSubnet: '',
  };
}

function seedProject(
  { random, names }: Seeding,
  at: number,
  size: number,
  customers: readonly Customer[],
): Project {
  const name = names.project(at);
  return {
    uuid: random.hex(32),
    name,
    description: at % 7 === 0 ? '' : `Resources for ${name.toLowerCase()}`,
    created: instant(random, at / size),
    startDate: at % 3 === 0 ? '2025-03-01' : null,
    endDate: at % 4 === 0 ? '2027-12-31' : null,
    backendId: at % 2 === 0 ? '' : `prj-${at}`,
    customer: customers[at % customers.length] as Customer,
    isRemoved: false,
  };
}

function seedSettings({ random }: Seeding, customers: readonly Customer[]): ServiceSettings[] {
  const make = (
    name: string,
    type: ServiceSettings['type'],
    state: State,
    customer: Customer | null,
  ): ServiceSettings => ({
    uuid: random.hex(32),
    name,
    type,
    state,
    errorMessage: state === 'ERRED' ? 'Keystone does not answer' : '',
    shared: customer === null,
    customer,
  });
  return [
    make('cloud-north', 'OpenStack', 'OK', null),
    make('cloud-south', 'OpenStack', 'ERRED', null),
    make('cloud-private', 'OpenStack', 'OK', customers[0] ?? null),
    make('openportal-main', 'OpenPortal', 'OK', null),
    make('openportal-edu', 'OpenPortal', 'UPDATING', null),
  ];
}

function seedResource(
  { random }: Seeding,
  share: number,
  name: string,
  project: Project,
  settings: readonly ServiceSettings[],
): Resource {
  const state: State = random.chance(0.75) ? 'OK' : random.pick(states);
  const isErred = state === 'ERRED';
  return {
    uuid: random.hex(32),
    name,
    description: random.chance(0.3) ? '' : `For ${name} in ${project.name}`,
    state,
    created: instant(random, share),
    modified: instant(random, Math.min(1, share + 0.05)),
    backendId: state.startsWith('CREAT') ? '' : random.hex(32),
    errorMessage: isErred ? 'Quota exceeded for resources: security_group' : '',
    errorTraceback: isErred ? 'Traceback (most recent call last):\n  OverLimit' : '',
    accessUrl: null,
    project,
    settings: random.pick(settings),
    marketplace: null,
  };
}

function seedMarketplace({ random }: Seeding, type: string): MarketplaceResource {
  return {
    uuid: random.hex(32),
    offeringUuid: random.hex(32),
    offeringName: `${type} at the north site`,
    offeringType: type,
    pluginOptions: { storage_mode: 'fixed', is_resource_termination_date_required: false },
    categoryUuid: random.hex(32),
    categoryName: type.startsWith('OpenStack') ? 'Private clouds' : 'HPC',
    planUuid: random.chance(0.3) ? null : random.hex(32),
    state: random.pick(['OK', 'Updating', 'Erred']),
    isUsageBased: random.chance(0.5),
    isLimitBased: random.chance(0.5),
  };
}
