/** How the simulated Waldur shows its rows: field by field, in the order of its answers. */

import type {
  Allocation,
  Customer,
  Project,
  Resource,
  Rule,
  SecurityGroup,
  ServerGroup,
  ServiceSettings,
  State,
  Tenant,
  User,
} from './model.ts';
import { seesAll, type Viewpoint } from './visibility.ts';

/** `8.1` is Waldur of mid-2026; `7.6` that of late 2024, before most names changed. */
export type Profile = '8.1' | '7.6';

export interface Showing {
  /** As the caller reached Waldur: hyperlinks begin with it. */
  readonly origin: string;
  readonly profile: Profile;
  readonly viewpoint: Viewpoint;
  /** Whether tenants show their user name and password. */
  readonly tenantCredentialsVisible: boolean;
}

/** Undefined leaves the key out, as Waldur does where a parent is missing. */
export type Serializer<T> = Readonly<Record<string, (row: T, showing: Showing) => unknown>>;

export function link({ origin }: Showing, collection: string, { uuid }: { uuid: string }): string {
  return `${origin}/api/${collection}/${uuid}/`;
}

function instant({ profile }: Showing, text: string): string {
  return `${text}${profile === '8.1' ? '+00:00' : 'Z'}`;
}

const oldNames: Readonly<Record<State, string>> = {
  CREATION_SCHEDULED: 'Creation Scheduled',
  CREATING: 'Creating',
  UPDATE_SCHEDULED: 'Update Scheduled',
  UPDATING: 'Updating',
  DELETION_SCHEDULED: 'Deletion Scheduled',
  DELETING: 'Deleting',
  OK: 'OK',
  ERRED: 'Erred',
};

export function stateLabel(profile: Profile, state: State): string {
  return profile === '8.1' ? state : oldNames[state];
}

export const customerSerializer: Serializer<Customer> = {
  url: (row, showing) => link(showing, 'customers', row),
  uuid: ({ uuid }) => uuid,
  created: ({ created }, showing) => instant(showing, created),
  name: ({ name }) => name,
  slug: ({ name }) => name.toLowerCase().replaceAll(/\W+/g, '-'),
  display_name: ({ name }) => name,
  native_name: ({ nativeName }) => nativeName,
  abbreviation: ({ abbreviation }) => abbreviation,
  description: ({ description }) => description,
  contact_details: () => '',
  email: ({ email }) => email,
  phone_number: ({ phoneNumber }) => phoneNumber,
  country: ({ country }) => country,
  domain: ({ domain }) => domain,
  blocked: () => false,
  archived: () => false,
};

export const projectSerializer: Serializer<Project> = {
  url: (row, showing) => link(showing, 'projects', row),
  uuid: ({ uuid }) => uuid,
  name: ({ name }) => name,
  slug: ({ name }) => name.toLowerCase().replaceAll(/\W+/g, '-'),
  customer: ({ customer }, showing) => link(showing, 'customers', customer),
  customer_uuid: ({ customer }) => customer.uuid,
  customer_name: ({ customer }) => customer.name,
  customer_native_name: ({ customer }) => customer.nativeName,
  customer_abbreviation: ({ customer }) => customer.abbreviation,
  description: ({ description }) => description,
  created: ({ created }, showing) => instant(showing, created),
  type: () => null,
  type_name: (_row, { profile }) => (profile === '8.1' ? null : undefined),
  backend_id: ({ backendId }) => backendId,
  start_date: ({ startDate }) => startDate,
  end_date: ({ endDate }) => endDate,
  is_removed: ({ isRemoved }) => isRemoved,
  resources_count: () => 0,
};

export const settingsSerializer: Serializer<ServiceSettings> = {
  url: (row, showing) => link(showing, 'service-settings', row),
  uuid: ({ uuid }) => uuid,
  name: ({ name }) => name,
  type: ({ type }) => type,
  state: ({ state }, { profile }) => stateLabel(profile, state),
  error_message: ({ errorMessage }) => errorMessage,
  shared: ({ shared }) => shared,
  customer: ({ customer }, showing) => customer && link(showing, 'customers', customer),
  customer_name: ({ customer }, { profile }) =>
    customer === null && profile === '7.6' ? undefined : (customer?.name ?? null),
  customer_native_name: ({ customer }) => customer?.nativeName,
  terms_of_services: () => '',
  scope: () => null,
  options: ({ name }, { viewpoint }) =>
    seesAll(viewpoint)
      ? {
          backend_url: `https://${name}.example.com:5000/v3`,
          username: 'admin',
          password: `${name}-secret`,
        }
      : {},
};

function resourceFields<T extends Resource>(collection: string, type: string): Serializer<T> {
  return {
    url: (row, showing) => link(showing, collection, row),
    uuid: ({ uuid }) => uuid,
    name: ({ name }) => name,
    description: ({ description }) => description,
    service_name: ({ settings }) => settings.name,
    service_settings: ({ settings }, showing) => link(showing, 'service-settings', settings),
    service_settings_uuid: ({ settings }) => settings.uuid,
    service_settings_state: ({ settings }, { profile }) => stateLabel(profile, settings.state),
    service_settings_error_message: ({ settings }) => settings.errorMessage,
    project: ({ project }, showing) => link(showing, 'projects', project),
    project_name: ({ project }) => project.name,
    project_uuid: ({ project }) => project.uuid,
    customer: ({ project }, showing) => link(showing, 'customers', project.customer),
    customer_uuid: ({ project }, { profile }) =>
      profile === '8.1' ? project.customer.uuid : undefined,
    customer_name: ({ project }) => project.customer.name,
    customer_native_name: ({ project }) => project.customer.nativeName,
    customer_abbreviation: ({ project }) => project.customer.abbreviation,
    error_message: ({ errorMessage }) => errorMessage,
    error_traceback: ({ errorTraceback }) => errorTraceback,
    resource_type: () => type,
    state: ({ state }, { profile }) => stateLabel(profile, state),
    created: ({ created }, showing) => instant(showing, created),
    modified: ({ modified }, showing) => instant(showing, modified),
    backend_id: ({ backendId }) => backendId,
    access_url: ({ accessUrl }) => accessUrl,
  };
}

const marketplaceFields: Serializer<Resource> = {
  marketplace_offering_uuid: ({ marketplace }) => marketplace?.offeringUuid ?? null,
  marketplace_offering_name: ({ marketplace }) => marketplace?.offeringName ?? null,
  marketplace_offering_type: ({ marketplace }, { profile }) =>
    profile === '8.1' ? (marketplace?.offeringType ?? null) : undefined,
  marketplace_offering_plugin_options: ({ marketplace }) => marketplace?.pluginOptions ?? null,
  marketplace_category_uuid: ({ marketplace }) => marketplace?.categoryUuid ?? null,
  marketplace_category_name: ({ marketplace }) => marketplace?.categoryName ?? null,
  marketplace_resource_uuid: ({ marketplace }) => marketplace?.uuid ?? null,
  marketplace_plan_uuid: ({ marketplace }) => marketplace?.planUuid ?? null,
  marketplace_resource_state: ({ marketplace }) => marketplace?.state ?? null,
  is_usage_based: ({ marketplace }) => marketplace?.isUsageBased ?? null,
  is_limit_based: ({ marketplace }) => marketplace?.isLimitBased ?? null,
};

const tenantFields: Serializer<SecurityGroup | ServerGroup> = {
  tenant: ({ tenant }, showing) => link(showing, 'openstack-tenants', tenant),
  tenant_name: ({ tenant }) => tenant.name,
  tenant_uuid: ({ tenant }) => tenant.uuid,
};

export const tenantSerializer: Serializer<Tenant> = {
  ...resourceFields<Tenant>('openstack-tenants', 'OpenStack.Tenant'),
  availability_zone: ({ availabilityZone }) => availabilityZone,
  internal_network_id: ({ internalNetworkId }) => internalNetworkId,
  external_network_id: ({ externalNetworkId }) => externalNetworkId,
  user_username: ({ userUsername }, { tenantCredentialsVisible }) =>
    tenantCredentialsVisible ? userUsername : undefined,
  user_password: ({ userPassword }, { tenantCredentialsVisible }) =>
    tenantCredentialsVisible ? userPassword : undefined,
  quotas: ({ quotas }) => quotas,
  default_volume_type_name: () => '',
  ...marketplaceFields,
};

function toRule(rule: Rule, showing: Showing): Record<string, unknown> {
  const { remoteGroup } = rule;
  return {
    ethertype: rule.ethertype,
    direction: rule.direction,
    protocol: rule.protocol,
    from_port: rule.fromPort,
    to_port: rule.toPort,
    cidr: rule.cidr,
    description: rule.description,
    // Waldur leaves these two out where there is no remote group.
    ...(remoteGroup && {
      remote_group_name: remoteGroup.name,
      remote_group_uuid: remoteGroup.uuid,
    }),
    id: rule.id,
    remote_group: remoteGroup && link(showing, 'openstack-security-groups', remoteGroup),
  };
}

export const securityGroupSerializer: Serializer<SecurityGroup> = {
  ...resourceFields<SecurityGroup>('openstack-security-groups', 'OpenStack.SecurityGroup'),
  ...tenantFields,
  rules: ({ rules }, showing) => rules.map((rule) => toRule(rule, showing)),
  ...marketplaceFields,
};

export const serverGroupSerializer: Serializer<ServerGroup> = {
  ...resourceFields<ServerGroup>('openstack-server-groups', 'OpenStack.ServerGroup'),
  ...tenantFields,
  policy: ({ policy }) => policy,
  display_name: ({ name, policy }) => `Name: ${name}, Policy: ${policy}`,
  instances: ({ instances }) =>
    instances.map(({ uuid, name, backendId }) => ({ backend_id: backendId, name, uuid })),
  ...marketplaceFields,
};

export const allocationSerializer: Serializer<Allocation> = {
  ...resourceFields<Allocation>('openportal-allocations', 'OpenPortal.Allocation'),
  node_limit: ({ nodeLimit }) => nodeLimit,
  groupname: ({ groupname }) => groupname,
  node_usage: ({ nodeUsage }) => nodeUsage,
  is_active: ({ isActive }) => isActive,
  ...marketplaceFields,
};

const ownFlags =
  (show: (user: User) => unknown) =>
  (user: User, { profile }: Showing) =>
    profile === '8.1' || user.isStaff || user.isSupport ? show(user) : undefined;

export const userSerializer: Serializer<User> = {
  url: (row, showing) => link(showing, 'users', row),
  uuid: ({ uuid }) => uuid,
  username: ({ username }) => username,
  full_name: ({ fullName }) => fullName,
  email: ({ email }) => email,
  is_staff: ownFlags(({ isStaff }) => isStaff),
  is_active: ownFlags(({ isActive }) => isActive),
  is_support: ownFlags(({ isSupport }) => isSupport),
  token: ({ token }) => token,
  // Nobody's runs out by itself.
  token_lifetime: () => null,
  token_expires_at: (_user, { profile }) => (profile === '8.1' ? null : undefined),
  permissions: ({ roles }) =>
    roles.map(({ role, scope }) => ({
      role_name: role,
      scope_uuid: scope.uuid,
      scope_name: scope.name,
    })),
};

/**
 * The row with the fields that are asked for; whole when none is, or when none of them is known.
 */
export function serialize<T>(
  serializer: Serializer<T>,
  row: T,
  showing: Showing,
  fields: readonly string[],
): Record<string, unknown> {
  const asked = new Set(fields);
  const known = Object.keys(serializer).filter((field) => asked.has(field));
  const shown: Record<string, unknown> = {};
  for (const field of known.length === 0 ? Object.keys(serializer) : known) {
    const value = serializer[field]?.(row, showing);
    if (value !== undefined) {
      shown[field] = value;
    }
  }
  return shown;
}

/** JSON, in which a bigint is a number with all its digits. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'bigint' ? `\u0000${entry}\u0000` : entry,
  ).replaceAll(/"\\u0000(-?\d+)\\u0000"/g, '$1');
}
