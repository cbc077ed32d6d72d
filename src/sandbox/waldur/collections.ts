/** Waldur's collections: the table that its addresses are served from. */

import {
  allocationFilters,
  customerFilters,
  type Filters,
  projectFilters,
  securityGroupFilters,
  serverGroupFilters,
  settingsFilters,
  tenantFilters,
} from './filters.ts';
import type { WaldurWorld } from './model.ts';
import {
  customerOrders,
  type Ordering,
  projectOrders,
  resourceOrders,
  settingsOrders,
} from './paging.ts';
import {
  allocationSerializer,
  customerSerializer,
  projectSerializer,
  type Serializer,
  securityGroupSerializer,
  serverGroupSerializer,
  settingsSerializer,
  tenantSerializer,
} from './serializers.ts';
import { seesCustomer, seesProject, seesSettings, type Viewpoint } from './visibility.ts';

export interface Collection<T extends { uuid: string }> {
  /** The model's name in "No … matches the given query." */
  readonly model: string;
  readonly all: () => readonly T[];
  /** What the list shows of all. */
  readonly rows: (query: URLSearchParams) => readonly T[];
  readonly sees: (viewpoint: Viewpoint, row: T) => boolean;
  readonly filters: Filters<T>;
  readonly ordering: Ordering<T>;
  readonly serializer: Serializer<T>;
}

/** By the segment after `/api/`. */
export function collectionsOf(
  world: WaldurWorld,
): ReadonlyMap<string, Collection<{ uuid: string }>> {
  const collections = new Map<string, Collection<{ uuid: string }>>();
  const add = <T extends { uuid: string }>(
    path: string,
    { rows, ...collection }: Omit<Collection<T>, 'rows'> & Partial<Pick<Collection<T>, 'rows'>>,
  ) => {
    const whole: Collection<T> = { ...collection, rows: rows ?? collection.all };
    // Rows of a collection only ever meet that collection's own functions.
    collections.set(path, whole as unknown as Collection<{ uuid: string }>);
  };
  const inProject = {
    sees: (viewpoint: Viewpoint, row: WaldurWorld['tenants'][number]) =>
      seesProject(viewpoint, row.project),
  };
  const byTenant = {
    orders: resourceOrders,
    byDefault: (row: { tenant: { name: string } }) => row.tenant.name,
    ignoresUnknown: false,
  };
  const byName = { byDefault: (row: { name: string }) => row.name, ignoresUnknown: false };

  add<WaldurWorld['customers'][number]>('customers', {
    model: 'Customer',
    all: () => world.customers,
    sees: seesCustomer,
    filters: customerFilters,
    ordering: { ...byName, orders: customerOrders, ignoresUnknown: true },
    serializer: customerSerializer,
  });
  add<WaldurWorld['projects'][number]>('projects', {
    model: 'Project',
    all: () => world.projects,
    rows: (query) =>
      query.get('include_terminated') === 'true'
        ? world.projects
        : world.projects.filter(({ isRemoved }) => !isRemoved),
    sees: seesProject,
    filters: projectFilters,
    ordering: { ...byName, orders: projectOrders },
    serializer: projectSerializer,
  });
  add<WaldurWorld['settings'][number]>('service-settings', {
    model: 'ServiceSettings',
    all: () => world.settings,
    sees: seesSettings,
    filters: settingsFilters,
    ordering: { orders: settingsOrders, byDefault: () => '', ignoresUnknown: true },
    serializer: settingsSerializer,
  });
  add<WaldurWorld['tenants'][number]>('openstack-tenants', {
    model: 'Tenant',
    ...inProject,
    all: () => world.tenants,
    filters: tenantFilters,
    ordering: { ...byName, orders: resourceOrders },
    serializer: tenantSerializer,
  });
  add<WaldurWorld['securityGroups'][number]>('openstack-security-groups', {
    model: 'SecurityGroup',
    all: () => world.securityGroups,
    sees: (viewpoint, row) => seesProject(viewpoint, row.project),
    filters: securityGroupFilters,
    ordering: byTenant,
    serializer: securityGroupSerializer,
  });
  add<WaldurWorld['serverGroups'][number]>('openstack-server-groups', {
    model: 'ServerGroup',
    all: () => world.serverGroups,
    sees: (viewpoint, row) => seesProject(viewpoint, row.project),
    filters: serverGroupFilters,
    ordering: byTenant,
    serializer: serverGroupSerializer,
  });
  add<WaldurWorld['allocations'][number]>('openportal-allocations', {
    model: 'Allocation',
    all: () => world.allocations,
    sees: (viewpoint, row) => seesProject(viewpoint, row.project),
    filters: allocationFilters,
    ordering: { ...byName, orders: resourceOrders },
    serializer: allocationSerializer,
  });
  return collections;
}
