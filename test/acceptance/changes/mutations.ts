/** Every mutation on Waldur's resources: what it takes, what it sends, what it changes. */

import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import type {
  Allocation,
  Project,
  Resource,
  Rule,
  SecurityGroup,
  ServerGroup,
  State,
  Tenant,
} from '../../../src/sandbox/waldur/model.ts';

/** A world in which everything that a test may ask for is there, and in its place. */
export interface Scene {
  readonly sandbox: Sandbox;
  readonly origin: string;
  readonly tenant: Tenant;
  readonly serverGroup: ServerGroup;
  readonly securityGroup: SecurityGroup;
  /** The rules that the security group begins with. */
  readonly before: readonly Rule[];
  readonly allocation: Allocation;
  readonly project: Project;
}

/** All of them in a project of which `member` is a member, and which `owner` may not see. */
export function sceneIn(sandbox: Sandbox): Scene {
  const { world, server } = sandbox.waldur;
  const member = world.users.find(({ username }) => username === 'member');
  const projects = member?.roles.map(({ scope }) => scope) ?? [];
  const found = <T extends Resource>(rows: T[]): T => {
    const row = rows.find((one) => projects.includes(one.project)) ?? (rows[0] as T);
    row.project = projects[0] as Project;
    row.state = 'OK';
    row.backendId = 'backend-of-it';
    return row;
  };
  const tenant = found(world.tenants);
  const securityGroup = found(world.securityGroups.filter(({ rules }) => rules.length > 1));
  const serverGroup = found(world.serverGroups);
  securityGroup.tenant = tenant;
  securityGroup.name = 'web';
  serverGroup.tenant = tenant;
  // Rules that lead to a group go with it.
  for (const group of world.securityGroups) {
    group.rules = group.rules.filter(({ remoteGroup }) => remoteGroup !== securityGroup);
  }
  for (const quota of tenant.quotas) {
    quota.limit = -1;
  }
  return {
    sandbox,
    origin: server.url,
    tenant,
    serverGroup,
    securityGroup,
    before: [...securityGroup.rules],
    allocation: found(world.allocations),
    project: projects[0] as Project,
  };
}

export const noUuid = '0'.repeat(32);

export interface MutationCase {
  readonly name: string;
  readonly noun: 'serverGroup' | 'securityGroup' | 'allocation';
  /** The type of `input`; null for mutations that take a bare uuid. */
  readonly inputType: string | null;
  readonly input: (scene: Scene) => Readonly<Record<string, unknown>>;
  /** What has to arrive at Waldur. */
  readonly sends: (scene: Scene) => {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
  };
  /** What of the changed or new row is otherwise than before. */
  readonly changes: Readonly<Record<string, unknown>> | 'removed';
  /** What else may be. */
  readonly touches?: readonly string[];
  readonly creates?: boolean;
  readonly isStaffOnly?: boolean;
  /** In which it is allowed; any when absent. Of the tenant for creations. */
  readonly states?: readonly State[];
  /** Whether it has `wait` and `settled`. */
  readonly settles?: boolean;
}

const collections = {
  serverGroup: 'openstack-server-groups',
  securityGroup: 'openstack-security-groups',
  allocation: 'openportal-allocations',
} as const;

const types = {
  serverGroup: 'ServerGroup',
  securityGroup: 'SecurityGroup',
  allocation: 'Allocation',
} as const;

/** The mutations that every noun has. */
function upkeepCases(noun: MutationCase['noun']): MutationCase[] {
  const one = (scene: Scene) => ({ uuid: scene[noun].uuid });
  const action = (name: string, body?: unknown) => (scene: Scene) => ({
    method: 'POST',
    path: `/api/${collections[noun]}/${scene[noun].uuid}/${name}/`,
    ...(body === undefined ? {} : { body }),
  });
  const type = types[noun];
  const bare = { noun, inputType: null, input: one };
  return [
    {
      ...bare,
      name: `pull${type}`,
      sends: action('pull'),
      changes: { state: 'UPDATE_SCHEDULED' },
      states: ['OK', 'ERRED'],
      settles: true,
    },
    {
      ...bare,
      name: `unlink${type}`,
      sends: action('unlink'),
      changes: 'removed',
      isStaffOnly: true,
    },
    {
      ...bare,
      name: `delete${type}`,
      sends: (scene) => ({
        method: 'DELETE',
        path: `/api/${collections[noun]}/${scene[noun].uuid}/`,
      }),
      changes: { state: 'DELETION_SCHEDULED' },
      states: ['OK', 'ERRED'],
      settles: true,
    },
    {
      noun,
      name: `mark${type}Erred`,
      inputType: 'MarkErredInput',
      input: (scene) => ({ ...one(scene), errorMessage: 'stuck' }),
      sends: action('set_erred', { error_message: 'stuck', error_traceback: '' }),
      changes: { state: 'ERRED', errorMessage: 'stuck' },
      isStaffOnly: true,
    },
    {
      ...bare,
      name: `mark${type}Ok`,
      sends: action('set_ok'),
      changes: { state: 'OK' },
      isStaffOnly: true,
    },
  ];
}

const ruleInput = { protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '10.0.0.0/8' };
const ruleBody = {
  ethertype: 'IPv4',
  direction: 'ingress',
  protocol: 'tcp',
  from_port: 22,
  to_port: 22,
  cidr: '10.0.0.0/8',
  description: '',
  remote_group: null,
};

/** A rule of the world, as it is sent back whole. */
const bodyOfRule = (origin: string) => (rule: Rule) => ({
  id: rule.id,
  ethertype: rule.ethertype,
  direction: rule.direction,
  protocol: rule.protocol,
  from_port: rule.fromPort,
  to_port: rule.toPort,
  cidr: rule.cidr === '' ? null : rule.cidr,
  description: rule.description,
  remote_group:
    rule.remoteGroup === null
      ? null
      : `${origin}/api/openstack-security-groups/${rule.remoteGroup.uuid}/`,
});

const newRuleInput = { ...ruleInput, fromPort: 2_222, toPort: 2_222 };
const newRuleBody = { ...ruleBody, from_port: 2_222, to_port: 2_222 };

export const mutations: readonly MutationCase[] = [
  {
    name: 'createServerGroup',
    noun: 'serverGroup',
    inputType: 'CreateServerGroupInput',
    input: ({ tenant }) => ({ name: 'new-one', policy: 'ANTI_AFFINITY', tenant: tenant.uuid }),
    sends: ({ tenant }) => ({
      method: 'POST',
      path: `/api/openstack-tenants/${tenant.uuid}/create_server_group/`,
      body: { name: 'new-one', description: '', policy: 'anti-affinity' },
    }),
    changes: { name: 'new-one', policy: 'anti-affinity', state: 'CREATION_SCHEDULED' },
    creates: true,
    states: ['OK'],
    settles: true,
  },
  ...upkeepCases('serverGroup'),
  {
    name: 'createSecurityGroup',
    noun: 'securityGroup',
    inputType: 'CreateSecurityGroupInput',
    input: ({ tenant }) => ({ name: 'new-one', tenant: tenant.uuid, rules: [ruleInput] }),
    sends: ({ tenant }) => ({
      method: 'POST',
      path: `/api/openstack-tenants/${tenant.uuid}/create_security_group/`,
      body: { name: 'new-one', description: '', rules: [ruleBody] },
    }),
    changes: { name: 'new-one', state: 'CREATION_SCHEDULED' },
    creates: true,
    states: ['OK'],
    settles: true,
  },
  {
    name: 'updateSecurityGroup',
    noun: 'securityGroup',
    inputType: 'UpdateSecurityGroupInput',
    input: ({ securityGroup: { uuid } }) => ({ uuid, description: 'Changed' }),
    sends: ({ securityGroup: { uuid } }) => ({
      method: 'PATCH',
      path: `/api/openstack-security-groups/${uuid}/`,
      body: { description: 'Changed' },
    }),
    changes: { description: 'Changed', state: 'UPDATE_SCHEDULED' },
    states: ['OK'],
    settles: true,
  },
  {
    name: 'replaceSecurityGroup',
    noun: 'securityGroup',
    inputType: 'ReplaceSecurityGroupInput',
    input: ({ securityGroup: { uuid } }) => ({ uuid, name: 'renamed' }),
    sends: ({ securityGroup: { uuid } }) => ({
      method: 'PUT',
      path: `/api/openstack-security-groups/${uuid}/`,
      body: { name: 'renamed', description: '' },
    }),
    changes: { name: 'renamed', description: '', state: 'UPDATE_SCHEDULED' },
    states: ['OK'],
    settles: true,
  },
  {
    name: 'setSecurityGroupRules',
    noun: 'securityGroup',
    inputType: 'SetSecurityGroupRulesInput',
    input: ({ securityGroup: { uuid } }) => ({ uuid, rules: [ruleInput] }),
    sends: ({ securityGroup: { uuid } }) => ({
      method: 'POST',
      path: `/api/openstack-security-groups/${uuid}/set_rules/`,
      body: [ruleBody],
    }),
    changes: { state: 'UPDATE_SCHEDULED' },
    touches: ['rules'],
    states: ['OK'],
    settles: true,
  },
  {
    name: 'addSecurityGroupRules',
    noun: 'securityGroup',
    inputType: 'AddSecurityGroupRulesInput',
    input: ({ securityGroup: { uuid } }) => ({ uuid, rules: [newRuleInput] }),
    sends: ({ securityGroup: { uuid }, before, origin }) => ({
      method: 'POST',
      path: `/api/openstack-security-groups/${uuid}/set_rules/`,
      body: [...before.map(bodyOfRule(origin)), newRuleBody],
    }),
    changes: { state: 'UPDATE_SCHEDULED' },
    touches: ['rules'],
    states: ['OK'],
    settles: true,
  },
  {
    name: 'removeSecurityGroupRules',
    noun: 'securityGroup',
    inputType: 'RemoveSecurityGroupRulesInput',
    input: ({ securityGroup: { uuid }, before }) => ({ uuid, ruleIds: [before[0]?.id] }),
    sends: ({ securityGroup: { uuid }, before, origin }) => ({
      method: 'POST',
      path: `/api/openstack-security-groups/${uuid}/set_rules/`,
      body: before.slice(1).map(bodyOfRule(origin)),
    }),
    changes: { state: 'UPDATE_SCHEDULED' },
    touches: ['rules'],
    states: ['OK'],
    settles: true,
  },
  ...upkeepCases('securityGroup'),
  {
    name: 'createAllocation',
    noun: 'allocation',
    inputType: 'CreateAllocationInput',
    input: ({ project, allocation }) => ({
      name: 'new-one',
      project: project.uuid,
      serviceSettings: allocation.settings.uuid,
      nodeLimit: '9007199254740993',
    }),
    sends: ({ project, allocation, origin }) => ({
      method: 'POST',
      path: '/api/openportal-allocations/',
      body: {
        name: 'new-one',
        description: '',
        project: `${origin}/api/projects/${project.uuid}/`,
        service_settings: `${origin}/api/service-settings/${allocation.settings.uuid}/`,
        node_limit: '9007199254740993',
      },
    }),
    changes: { name: 'new-one', nodeLimit: '9007199254740993', state: 'CREATION_SCHEDULED' },
    creates: true,
    settles: true,
  },
  {
    name: 'updateAllocation',
    noun: 'allocation',
    inputType: 'UpdateAllocationInput',
    input: ({ allocation: { uuid } }) => ({ uuid, nodeLimit: 7, groupname: 'grp' }),
    sends: ({ allocation: { uuid } }) => ({
      method: 'PATCH',
      path: `/api/openportal-allocations/${uuid}/`,
      body: { node_limit: 7, groupname: 'grp' },
    }),
    changes: { nodeLimit: '7', groupname: 'grp', state: 'OK' },
    states: ['OK'],
  },
  {
    name: 'replaceAllocation',
    noun: 'allocation',
    inputType: 'ReplaceAllocationInput',
    input: ({ allocation: { uuid, project, settings } }) => ({
      uuid,
      name: 'renamed',
      project: project.uuid,
      serviceSettings: settings.uuid,
    }),
    sends: ({ allocation: { uuid, project, settings }, origin }) => ({
      method: 'PUT',
      path: `/api/openportal-allocations/${uuid}/`,
      body: {
        name: 'renamed',
        description: '',
        project: `${origin}/api/projects/${project.uuid}/`,
        service_settings: `${origin}/api/service-settings/${settings.uuid}/`,
        node_limit: 0,
        groupname: '',
      },
    }),
    changes: { name: 'renamed', description: '', nodeLimit: '0', groupname: '', state: 'OK' },
    states: ['OK'],
  },
  {
    name: 'setAllocationLimits',
    noun: 'allocation',
    inputType: 'SetAllocationLimitsInput',
    input: ({ allocation: { uuid } }) => ({ uuid, nodeLimit: null }),
    sends: ({ allocation: { uuid } }) => ({
      method: 'POST',
      path: `/api/openportal-allocations/${uuid}/set_limits/`,
      body: { node_limit: -1 },
    }),
    changes: { nodeLimit: '-1', state: 'UPDATE_SCHEDULED' },
    states: ['OK', 'ERRED', 'UPDATE_SCHEDULED'],
    isStaffOnly: true,
    settles: true,
  },
  ...upkeepCases('allocation'),
];

/** The mutation with whatever its answer can have. */
export function documentFor({ name, noun, inputType, settles, changes }: MutationCase): string {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const isDeletion = name.startsWith('delete');
  const shown =
    changes === 'removed' ? 'uuid' : `${noun} { uuid name state } ${isDeletion ? 'uuid' : ''}`;
  const wait = settles ? ', $wait: WaitInput' : '';
  return `mutation M($given: ${inputType ?? 'UUID'}!${wait}) {
    result: ${name}(${inputType === null ? 'uuid' : 'input'}: $given${settles ? ', wait: $wait' : ''}) {
      __typename
      ... on ${title}Success { ${shown} ${settles ? 'settled' : ''} }
      ... on Failure { code message }
      ... on InvalidInput { issues { path message } }
      ... on Conflict { allowedStates }
      ... on PreconditionFailed { confirmationRequired }
      ... on OutcomeUnknown { checkWith }
    }
  }`;
}

/** The variable for `documentFor`, as that mutation takes it. */
export function givenTo(
  { inputType }: MutationCase,
  input: Readonly<Record<string, unknown>>,
): unknown {
  return inputType === null ? input.uuid : input;
}

/** Everything that can be changed, by uuid, as text. */
export function fingerprints({ sandbox }: Scene): ReadonlyMap<string, string> {
  const { serverGroups, securityGroups, allocations } = sandbox.waldur.world;
  return new Map(
    [...serverGroups, ...securityGroups, ...allocations].map((row) => [row.uuid, textOf(row)]),
  );
}

/** A row without what lies around it. */
export function plain(row: object): Record<string, unknown> {
  return JSON.parse(textOf(row)) as Record<string, unknown>;
}

function textOf(row: object): string {
  const around = ['project', 'settings', 'tenant', 'marketplace', 'remoteGroup'];
  return JSON.stringify(row, (key, value: unknown) => {
    if (around.includes(key)) {
      return undefined;
    }
    return typeof value === 'bigint' ? String(value) : value;
  });
}
