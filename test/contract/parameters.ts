/**
 * Every query parameter in the published pages of Waldur's documentation for the lists of security
 * groups, server groups and allocations: the input of the graph's filter that stands for it, values
 * that find something and not everything, and which rows they keep. `field`, `page` and `page_size`
 * have no input: selection and paging stand for them.
 */

import type {
  Allocation,
  Resource,
  SecurityGroup,
  ServerGroup,
} from '../../src/sandbox/waldur/model.ts';

export interface Parameter<T> {
  readonly parameter: string;
  /** Made from a row that has to be found. */
  readonly filter: (row: T) => Readonly<Record<string, unknown>>;
  readonly keeps: (row: T, sought: T) => boolean;
}

const includes = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());

const parameter = <T>(
  name: string,
  filter: Parameter<T>['filter'],
  keeps: Parameter<T>['keeps'],
): Parameter<T> => ({ parameter: name, filter, keeps });

function commonParameters<T extends Resource>(): Parameter<T>[] {
  const sameCustomer: Parameter<T>['keeps'] = (row, { project }) =>
    row.project.customer === project.customer;
  const sameProject: Parameter<T>['keeps'] = (row, { project }) => row.project === project;
  return [
    parameter(
      'backend_id',
      ({ backendId }) => ({ backendId }),
      (row, { backendId }) => row.backendId === backendId,
    ),
    // Staff are not restricted by it: what it keeps for others is tested by who asks.
    parameter(
      'can_manage',
      () => ({ canManage: true }),
      () => true,
    ),
    parameter('customer', ({ project }) => ({ customer: project.customer.uuid }), sameCustomer),
    parameter(
      'customer_abbreviation',
      ({ project }) => ({ customerAbbreviation: project.customer.abbreviation.toLowerCase() }),
      (row, { project }) =>
        includes(row.project.customer.abbreviation, project.customer.abbreviation),
    ),
    parameter(
      'customer_name',
      ({ project }) => ({ customerName: project.customer.name.slice(2).toUpperCase() }),
      (row, { project }) => includes(row.project.customer.name, project.customer.name.slice(2)),
    ),
    parameter(
      'customer_native_name',
      ({ project }) => ({ customerNativeName: project.customer.nativeName }),
      (row, { project }) => includes(row.project.customer.nativeName, project.customer.nativeName),
    ),
    parameter(
      'customer_uuid',
      ({ project }) => ({ customer: project.customer.uuid }),
      sameCustomer,
    ),
    parameter(
      'description',
      ({ description }) => ({ description: description.slice(4) }),
      (row, { description }) => includes(row.description, description.slice(4)),
    ),
    parameter(
      'external_ip',
      () => ({ externalIp: '198.51.100.7' }),
      () => false,
    ),
    parameter(
      'name',
      ({ name }) => ({ name: name.slice(0, 4) }),
      (row, { name }) => includes(row.name, name.slice(0, 4)),
    ),
    parameter(
      'name_exact',
      ({ name }) => ({ nameExact: name }),
      (row, { name }) => row.name === name,
    ),
    parameter('project', ({ project }) => ({ project: project.uuid }), sameProject),
    parameter(
      'project_name',
      ({ project }) => ({ projectName: project.name }),
      (row, { project }) => includes(row.project.name, project.name),
    ),
    parameter('project_uuid', ({ project }) => ({ project: project.uuid }), sameProject),
    parameter(
      'service_settings_name',
      ({ settings }) => ({ serviceSettingsName: settings.name.slice(1, -1) }),
      (row, { settings }) => includes(row.settings.name, settings.name.slice(1, -1)),
    ),
    parameter(
      'service_settings_uuid',
      ({ settings }) => ({ serviceSettings: settings.uuid }),
      (row, { settings }) => row.settings === settings,
    ),
    parameter(
      'state',
      ({ state }) => ({ state: [state, 'ERRED'] }),
      (row, { state }) => row.state === state || row.state === 'ERRED',
    ),
    parameter(
      'uuid',
      ({ uuid }) => ({ uuid }),
      (row, { uuid }) => row.uuid === uuid,
    ),
  ];
}

function tenantParameters<T extends SecurityGroup | ServerGroup>(): Parameter<T>[] {
  const sameTenant: Parameter<T>['keeps'] = (row, { tenant }) => row.tenant === tenant;
  return [
    // By hyperlink in REST; the graph has uuids alone.
    parameter('tenant', ({ tenant }) => ({ tenant: tenant.uuid }), sameTenant),
    parameter('tenant_uuid', ({ tenant }) => ({ tenant: tenant.uuid }), sameTenant),
  ];
}

export const securityGroupParameters: Parameter<SecurityGroup>[] = [
  ...commonParameters<SecurityGroup>(),
  ...tenantParameters<SecurityGroup>(),
  parameter(
    'query',
    ({ description }) => ({ query: description.slice(4, 12) }),
    (row, { description }) =>
      includes(row.name, description.slice(4, 12)) ||
      includes(row.description, description.slice(4, 12)),
  ),
];

export const serverGroupParameters: Parameter<ServerGroup>[] = [
  ...commonParameters<ServerGroup>(),
  ...tenantParameters<ServerGroup>(),
];

export const allocationParameters: Parameter<Allocation>[] = [
  ...commonParameters<Allocation>(),
  parameter(
    'is_active',
    () => ({ isActive: false }),
    (row) => !row.isActive,
  ),
];

/** The pages' own lists of names, so that a parameter forgotten above shows. */
const common =
  'backend_id can_manage customer customer_abbreviation customer_name customer_native_name customer_uuid description external_ip name name_exact project project_name project_uuid service_settings_name service_settings_uuid state uuid'.split(
    ' ',
  );
export const publishedParameters = {
  securityGroups: [...common, 'query', 'tenant', 'tenant_uuid'],
  serverGroups: [...common, 'tenant', 'tenant_uuid'],
  allocations: [...common, 'is_active'],
};

const leading =
  'url uuid name description service_name service_settings service_settings_uuid service_settings_state service_settings_error_message project project_name project_uuid customer customer_uuid customer_name customer_native_name customer_abbreviation error_message error_traceback resource_type state created modified backend_id access_url'.split(
    ' ',
  );
const trailing =
  'marketplace_offering_uuid marketplace_offering_name marketplace_offering_type marketplace_offering_plugin_options marketplace_category_uuid marketplace_category_name marketplace_resource_uuid marketplace_plan_uuid marketplace_resource_state is_usage_based is_limit_based'.split(
    ' ',
  );
const tenant = ['tenant', 'tenant_name', 'tenant_uuid'];

/** The pages' own lists of columns. */
export const publishedColumns = {
  securityGroups: [
    ...leading,
    ...tenant,
    'rules',
    ...'ethertype direction protocol from_port to_port cidr description remote_group_name remote_group_uuid id remote_group'
      .split(' ')
      .map((name) => `rules.${name}`),
    ...trailing,
  ],
  serverGroups: [
    ...leading,
    ...tenant,
    'policy',
    'display_name',
    'instances',
    'instances.backend_id',
    'instances.name',
    'instances.uuid',
    ...trailing,
  ],
  allocations: [...leading, 'node_limit', 'groupname', 'node_usage', 'is_active', ...trailing],
};
