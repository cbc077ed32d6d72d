/** Waldur's query parameters: what each keeps, and what it says to values that it cannot read. */

import { json, refuse } from './answers.ts';
import type {
  Allocation,
  Customer,
  Project,
  Resource,
  SecurityGroup,
  ServerGroup,
  ServiceSettings,
} from './model.ts';
import { states } from './model.ts';
import { type Profile, stateLabel } from './serializers.ts';
import { managesProject, type Viewpoint } from './visibility.ts';

export interface Filtering {
  readonly viewpoint: Viewpoint;
  readonly profile: Profile;
  /** Milliseconds since the epoch do not matter to any filter: rows alone do. */
  readonly query: URLSearchParams;
}

type Keep<T> = (row: T) => boolean;

/** What one parameter keeps, from all its values; null keeps everything. */
export type Filter<T> = (values: readonly string[], filtering: Filtering) => Keep<T> | null;

export type Filters<T> = Readonly<Record<string, Filter<T>>>;

/** Of a repeated parameter the last value counts; an empty one does not filter. */
const last =
  <T>(keep: (value: string, filtering: Filtering) => Keep<T> | null): Filter<T> =>
  (values, filtering) => {
    const value = values.at(-1) ?? '';
    return value === '' ? null : keep(value, filtering);
  };

const contains = <T>(read: (row: T) => string) =>
  last<T>((value) => (row) => read(row).toLowerCase().includes(value.toLowerCase()));

const equals = <T>(read: (row: T) => string | null) =>
  last<T>((value) => (row) => read(row) === value);

function invalid(parameter: string, message: string): never {
  return refuse(json(400, { [parameter]: [message] }));
}

function readUuid(parameter: string, value: string): string {
  const digits = value.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits : invalid(parameter, 'Enter a valid UUID.');
}

const uuid = <T>(parameter: string, read: (row: T) => string) =>
  last<T>((value) => {
    const wanted = readUuid(parameter, value);
    return (row) => read(row) === wanted;
  });

/** True and False alone are understood; anything else is as if it were not there. */
const flag = <T>(read: (row: T) => boolean) =>
  last<T>((value) =>
    /^(true|True|2)$/.test(value)
      ? (row) => read(row)
      : /^(false|False|3)$/.test(value)
        ? (row) => !read(row)
        : null,
  );

const state =
  <T extends { state: Resource['state'] }>(): Filter<T> =>
  (values, { profile }) => {
    const wanted = values.map((value) => {
      const known = states.find((name) => stateLabel(profile, name) === value);
      return (
        known ??
        invalid('state', `Select a valid choice. ${value} is not one of the available choices.`)
      );
    });
    return wanted.length === 0 ? null : (row) => wanted.includes(row.state);
  };

/** The value is not looked at: `false` restricts as well. Staff are not restricted. */
const canManage = <T>(projectOf: (row: T) => Project) =>
  last<T>((value, { viewpoint }) =>
    /^(true|True|2|false|False|3)$/.test(value)
      ? (row) => managesProject(viewpoint, projectOf(row))
      : null,
  );

function resourceFilters<T extends Resource>(): Filters<T> {
  return {
    backend_id: equals((row) => row.backendId),
    can_manage: canManage((row) => row.project),
    customer: uuid('customer', (row) => row.project.customer.uuid),
    customer_uuid: uuid('customer_uuid', (row) => row.project.customer.uuid),
    customer_name: contains((row) => row.project.customer.name),
    customer_native_name: contains((row) => row.project.customer.nativeName),
    customer_abbreviation: contains((row) => row.project.customer.abbreviation),
    description: contains((row) => row.description),
    external_ip: last(() => () => false),
    name: contains((row) => row.name),
    name_exact: equals((row) => row.name),
    project: uuid('project', (row) => row.project.uuid),
    project_uuid: uuid('project_uuid', (row) => row.project.uuid),
    project_name: contains((row) => row.project.name),
    service_settings_name: contains((row) => row.settings.name),
    service_settings_uuid: uuid('service_settings_uuid', (row) => row.settings.uuid),
    state: state(),
    // Gone since 8.0.8: newer servers ignore it, as any unknown parameter, and list everything.
    uuid: (values, filtering) =>
      filtering.profile === '7.6' ? uuid<T>('uuid', (row) => row.uuid)(values, filtering) : null,
  };
}

/** By hyperlink: the host is ignored, a bare uuid or another type's link finds nothing. */
const tenantLink = last<SecurityGroup | ServerGroup>((value) => {
  const path = value.replace(/^https?:\/\/[^/]+/, '');
  const [, collection, id] = /^\/api\/([a-z-]+)\/([0-9a-f-]{32,36})\/$/.exec(path) ?? [];
  if (path.startsWith('/') && collection === undefined) {
    refuse(json(404, { tried: [], path: path.slice(1) }));
  }
  const wanted = collection === 'openstack-tenants' ? id?.replaceAll('-', '') : undefined;
  return (row) => row.tenant.uuid === wanted;
});

export const tenantFilters: Filters<Resource> = resourceFilters();

export const serverGroupFilters: Filters<ServerGroup> = {
  ...resourceFilters<ServerGroup>(),
  tenant: tenantLink,
  tenant_uuid: uuid('tenant_uuid', (row) => row.tenant.uuid),
};

export const securityGroupFilters: Filters<SecurityGroup> = {
  ...resourceFilters<SecurityGroup>(),
  tenant: tenantLink,
  tenant_uuid: uuid('tenant_uuid', (row) => row.tenant.uuid),
  query: last((value) => {
    const part = value.toLowerCase();
    return ({ name, description }) =>
      name.toLowerCase().includes(part) || description.toLowerCase().includes(part);
  }),
};

export const allocationFilters: Filters<Allocation> = {
  ...resourceFilters<Allocation>(),
  is_active: flag((row) => row.isActive),
};

export const projectFilters: Filters<Project> = {
  // The one filter that takes several: comma-joined; repeated, the last alone counts.
  customer: last((value) => {
    const wanted = new Set(value.split(',').map((one) => readUuid('customer', one)));
    return (row) => wanted.has(row.customer.uuid);
  }),
  can_manage: canManage((row) => row),
  backend_id: equals((row) => row.backendId),
  customer_name: contains((row) => row.customer.name),
  customer_native_name: contains((row) => row.customer.nativeName),
  customer_abbreviation: contains((row) => row.customer.abbreviation),
  description: contains((row) => row.description),
  name: contains((row) => row.name),
  name_exact: equals((row) => row.name),
  query: last((value) => {
    const isUuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(value);
    const part = value.toLowerCase();
    return ({ uuid: id, name }) =>
      isUuid ? id === part.replaceAll('-', '') : name.toLowerCase().includes(part);
  }),
};

export const customerFilters: Filters<Customer> = {
  abbreviation: contains((row) => row.abbreviation),
  name: contains((row) => row.name),
  name_exact: equals((row) => row.name),
  native_name: contains((row) => row.nativeName),
  query: last((value) => {
    const part = value.toLowerCase();
    return (row) =>
      row.uuid === part.replaceAll('-', '') ||
      [row.name, row.nativeName, row.abbreviation, row.domain].some((text) =>
        text.toLowerCase().includes(part),
      );
  }),
  owned_by_current_user: last((value, { viewpoint }) =>
    /^true$/i.test(value)
      ? (row) =>
          viewpoint.user.roles.some(({ role, scope }) => role === 'CUSTOMER.OWNER' && scope === row)
      : null,
  ),
};

export const settingsFilters: Filters<ServiceSettings> = {
  customer: uuid('customer', (row) => row.customer?.uuid ?? ''),
  customer_uuid: uuid('customer_uuid', (row) => row.customer?.uuid ?? ''),
  name: contains((row) => row.name),
  name_exact: equals((row) => row.name),
  shared: flag((row) => row.shared),
  state: state(),
  // A type that is not known does not filter.
  type: last((value) =>
    value === 'OpenStack' || value === 'OpenPortal' ? (row) => row.type === value : null,
  ),
};

/**
 * The rows that all given parameters keep; unknown parameters are ignored.
 *
 * @throws {Refusal} 400 for the first value that cannot be read
 */
export function keptBy<T>(filters: Filters<T>, filtering: Filtering): Keep<T> {
  const keeps: Keep<T>[] = [];
  for (const name of new Set(filtering.query.keys())) {
    const keep = filters[name]?.(filtering.query.getAll(name), filtering);
    if (keep !== null && keep !== undefined) {
      keeps.push(keep);
    }
  }
  return (row) => keeps.every((keep) => keep(row));
}
