/**
 * Every column of every response table in the published pages of Waldur's documentation for security
 * groups, server groups and allocations: the field of the graph that shows it, and what the sandbox
 * holds for it. One row for each column, in the pages' order; a missing one shows.
 */

import type {
  Allocation,
  Resource,
  Rule,
  SecurityGroup,
  ServerGroup,
} from '../../src/sandbox/waldur/model.ts';

/** Where the gateway reached the sandbox: hyperlinks begin with it. */
export type Origin = string;

export interface Column<T> {
  readonly column: string;
  /** Selected on the noun; the answer's value is found by following the names. */
  readonly selection: string;
  readonly holds: (row: T, origin: Origin) => unknown;
}

const column = <T>(
  name: string,
  selection: string,
  holds: (row: T, origin: Origin) => unknown,
): Column<T> => ({ column: name, selection, holds });

const orNull = (text: string | null | undefined) => (text ? text : null);
const instant = (text: string) => `${text}Z`;
const link = (origin: Origin, path: string, { uuid }: { uuid: string }) =>
  `${origin}/api/${path}/${uuid}/`;

function leadingColumns<T extends Resource>(path: string, type: string): Column<T>[] {
  return [
    column('url', 'url', (row, origin) => link(origin, path, row)),
    column('uuid', 'uuid', ({ uuid }) => uuid),
    column('name', 'name', ({ name }) => name),
    column('description', 'description', ({ description }) => description),
    column('service_name', 'serviceSettings { name }', ({ settings }) => settings.name),
    column('service_settings', 'serviceSettings { url }', ({ settings }, origin) =>
      link(origin, 'service-settings', settings),
    ),
    column('service_settings_uuid', 'serviceSettings { uuid }', ({ settings }) => settings.uuid),
    column('service_settings_state', 'serviceSettings { state }', ({ settings }) => settings.state),
    column('service_settings_error_message', 'serviceSettings { errorMessage }', ({ settings }) =>
      orNull(settings.errorMessage),
    ),
    column('project', 'project { url }', ({ project }, origin) =>
      link(origin, 'projects', project),
    ),
    column('project_name', 'project { name }', ({ project }) => project.name),
    column('project_uuid', 'project { uuid }', ({ project }) => project.uuid),
    column('customer', 'customer { url }', ({ project }, origin) =>
      link(origin, 'customers', project.customer),
    ),
    column('customer_uuid', 'customer { uuid }', ({ project }) => project.customer.uuid),
    column('customer_name', 'customer { name }', ({ project }) => project.customer.name),
    column('customer_native_name', 'customer { nativeName }', ({ project }) =>
      orNull(project.customer.nativeName),
    ),
    column('customer_abbreviation', 'customer { abbreviation }', ({ project }) =>
      orNull(project.customer.abbreviation),
    ),
    column('error_message', 'errorMessage', ({ errorMessage }) => orNull(errorMessage)),
    column('error_traceback', 'errorTraceback', ({ errorTraceback }) => orNull(errorTraceback)),
    column('resource_type', 'resourceType', () => type),
    column('state', 'state', ({ state }) => state),
    column('created', 'created', ({ created }) => instant(created)),
    column('modified', 'modified', ({ modified }) => instant(modified)),
    column('backend_id', 'backendId', ({ backendId }) => orNull(backendId)),
    column('access_url', 'accessUrl', () => null),
  ];
}

const trailingColumns: Column<Resource>[] = [
  column('marketplace_offering_uuid', 'marketplace { offeringUuid }', ({ marketplace }) =>
    marketplace ? marketplace.offeringUuid : null,
  ),
  column('marketplace_offering_name', 'marketplace { offeringName }', ({ marketplace }) =>
    marketplace ? marketplace.offeringName : null,
  ),
  column('marketplace_offering_type', 'marketplace { offeringType }', ({ marketplace }) =>
    marketplace ? marketplace.offeringType : null,
  ),
  column('marketplace_offering_plugin_options', 'marketplace { offeringPluginOptions }', (row) =>
    row.marketplace ? row.marketplace.pluginOptions : null,
  ),
  column('marketplace_category_uuid', 'marketplace { categoryUuid }', ({ marketplace }) =>
    marketplace ? marketplace.categoryUuid : null,
  ),
  column('marketplace_category_name', 'marketplace { categoryName }', ({ marketplace }) =>
    marketplace ? marketplace.categoryName : null,
  ),
  column('marketplace_resource_uuid', 'marketplace { resourceUuid }', ({ marketplace }) =>
    marketplace ? marketplace.uuid : null,
  ),
  column('marketplace_plan_uuid', 'marketplace { planUuid }', ({ marketplace }) =>
    marketplace ? marketplace.planUuid : null,
  ),
  column('marketplace_resource_state', 'marketplace { resourceState }', ({ marketplace }) =>
    marketplace ? marketplace.state : null,
  ),
  column('is_usage_based', 'marketplace { isUsageBased }', ({ marketplace }) =>
    marketplace ? marketplace.isUsageBased : null,
  ),
  column('is_limit_based', 'marketplace { isLimitBased }', ({ marketplace }) =>
    marketplace ? marketplace.isLimitBased : null,
  ),
];

const tenantColumns: Column<SecurityGroup | ServerGroup>[] = [
  column('tenant', 'tenant { url }', ({ tenant }, origin) =>
    link(origin, 'openstack-tenants', tenant),
  ),
  column('tenant_name', 'tenant { name }', ({ tenant }) => tenant.name),
  column('tenant_uuid', 'tenant { uuid }', ({ tenant }) => tenant.uuid),
];

const ofRules = (name: string, selection: string, holds: (rule: Rule, origin: Origin) => unknown) =>
  column<SecurityGroup>(`rules.${name}`, `rules { ${selection} }`, ({ rules }, origin) =>
    rules.map((rule) => holds(rule, origin)),
  );

const portOrNull = (port: number) => (port === -1 ? null : port);

export const securityGroupColumns: Column<SecurityGroup>[] = [
  ...leadingColumns<SecurityGroup>('openstack-security-groups', 'OpenStack.SecurityGroup'),
  ...tenantColumns,
  column('rules', 'rules { __typename }', ({ rules }) => rules.map(() => 'SecurityGroupRule')),
  ofRules('ethertype', 'ethertype', ({ ethertype }) => ethertype.toUpperCase()),
  ofRules('direction', 'direction', ({ direction }) => direction.toUpperCase()),
  ofRules('protocol', 'protocol', ({ protocol }) => orNull(protocol)),
  ofRules('from_port', 'fromPort', ({ fromPort }) => portOrNull(fromPort)),
  ofRules('to_port', 'toPort', ({ toPort }) => portOrNull(toPort)),
  ofRules('cidr', 'cidr', ({ cidr }) => orNull(cidr)),
  ofRules('description', 'description', ({ description }) => description),
  ofRules('remote_group_name', 'remoteGroup { name }', (rule) => rule.remoteGroup?.name ?? null),
  ofRules('remote_group_uuid', 'remoteGroup { uuid }', (rule) => rule.remoteGroup?.uuid ?? null),
  ofRules('id', 'ruleId', ({ id }) => id),
  ofRules(
    'remote_group',
    'remoteGroup { url }',
    ({ remoteGroup }, origin) =>
      remoteGroup && link(origin, 'openstack-security-groups', remoteGroup),
  ),
  ...trailingColumns,
];

const policies: Readonly<Record<string, string>> = {
  affinity: 'AFFINITY',
  'anti-affinity': 'ANTI_AFFINITY',
  'soft-affinity': 'SOFT_AFFINITY',
  'soft-anti-affinity': 'SOFT_ANTI_AFFINITY',
};

export const serverGroupColumns: Column<ServerGroup>[] = [
  ...leadingColumns<ServerGroup>('openstack-server-groups', 'OpenStack.ServerGroup'),
  ...tenantColumns,
  column('policy', 'policy', ({ policy }) => policies[policy] ?? null),
  column('policy', 'policyName', ({ policy }) => orNull(policy)),
  column('display_name', 'displayName', ({ name, policy }) => `Name: ${name}, Policy: ${policy}`),
  column('instances', 'instances { __typename }', ({ instances }) =>
    instances.map(() => 'ServerGroupInstance'),
  ),
  column('instances.backend_id', 'instances { backendId }', ({ instances }) =>
    instances.map(({ backendId }) => backendId),
  ),
  column('instances.name', 'instances { name }', ({ instances }) =>
    instances.map(({ name }) => name),
  ),
  column('instances.uuid', 'instances { uuid }', ({ instances }) =>
    instances.map(({ uuid }) => uuid),
  ),
  ...trailingColumns,
];

const limitOf = (limit: bigint) =>
  limit === -1n ? null : Number.isSafeInteger(Number(limit)) ? Number(limit) : String(limit);

export const allocationColumns: Column<Allocation>[] = [
  ...leadingColumns<Allocation>('openportal-allocations', 'OpenPortal.Allocation'),
  column('node_limit', 'nodeLimit', ({ nodeLimit }) => limitOf(nodeLimit)),
  column('groupname', 'groupname', ({ groupname }) => groupname),
  column('node_usage', 'nodeUsage', ({ nodeUsage }) => nodeUsage),
  column('is_active', 'isActive', ({ isActive }) => isActive),
  ...trailingColumns,
];
