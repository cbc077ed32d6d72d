/** The simulated Waldur's writing side, against what is known of the real one. */

import { describe, expect, it } from 'vitest';
import { openClock } from '../../src/sandbox/clock.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import type { Project, Resource } from '../../src/sandbox/waldur/model.ts';
import { aWaldur, type Caller } from './a-waldur.ts';

const groups = '/api/openstack-security-groups/';
const servers = '/api/openstack-server-groups/';
const tenants = '/api/openstack-tenants/';
const allocations = '/api/openportal-allocations/';
const nobody = '0'.repeat(32);

async function aWorld(options: SandboxOptions = {}) {
  const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
  const waldur = await aWaldur({ clock, ...options });
  const { world } = waldur;
  const settled = <T extends Resource>(rows: readonly T[]): T => {
    const row = rows[0] as T;
    row.state = 'OK';
    row.backendId = 'b-1';
    return row;
  };
  const tenant = settled(world.tenants);
  for (const quota of tenant.quotas) {
    quota.limit = -1;
  }
  const group = settled(world.securityGroups);
  group.tenant = tenant;
  group.name = 'web';
  const server = settled(world.serverGroups);
  const allocation = settled(world.allocations);
  const send = (method: string, path: string, body?: unknown, as: Caller | null = 'staff') =>
    waldur.ask(
      path,
      {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      },
      as,
    );
  return { ...waldur, clock, tenant, group, server, allocation, send };
}

const rule = { ethertype: 'IPv4', direction: 'ingress', from_port: -1, to_port: -1 };

describe('Operations', () => {
  it('are scheduled for two seconds, run, and end, by the clock', async () => {
    const { clock, group, send } = await aWorld();
    const answer = await send('POST', `${groups}${group.uuid}/pull/`);
    expect(answer).toMatchObject({
      status: 202,
      body: { detail: 'Pull operation was successfully scheduled.' },
    });
    const seen = [0, 1_999, 1, 2_999, 1].map((ms) => {
      clock.advance(ms);
      return group.state;
    });
    expect(seen).toEqual(['UPDATE_SCHEDULED', 'UPDATE_SCHEDULED', 'UPDATING', 'UPDATING', 'OK']);
  });

  it('run with the machine when no test holds the clock', async () => {
    const clock = openClock();
    const { group, send } = await aWorld({ clock });
    await send('POST', `${groups}${group.uuid}/pull/`);
    clock.advance(5_001);
    expect(group.state).toBe('OK');
  });

  it('end in ERRED for a name that asks for it, and empty the error when they begin', async () => {
    const { clock, group, send } = await aWorld();
    group.name = 'please-fail';
    group.errorMessage = 'old';
    await send('POST', `${groups}${group.uuid}/pull/`);
    clock.advance(2_000);
    expect(group).toMatchObject({ state: 'UPDATING', errorMessage: '' });
    clock.advance(3_000);
    expect(group.state).toBe('ERRED');
    expect(group.errorTraceback).toContain('Traceback');
  });

  it('bump modified with each change of state', async () => {
    const { clock, group, send } = await aWorld();
    await send('POST', `${groups}${group.uuid}/pull/`);
    const instants = [0, 2_000, 3_000].map((ms) => {
      clock.advance(ms);
      return group.modified;
    });
    expect(new Set(instants).size).toBe(3);
    expect([...instants].sort()).toEqual(instants);
  });

  it('are called off by set_ok and set_erred', async () => {
    const { clock, group, send } = await aWorld();
    await send('POST', `${groups}${group.uuid}/pull/`);
    const marked = await send('POST', `${groups}${group.uuid}/set_erred/`, { error_message: 'x' });
    expect(marked.body).toEqual({ detail: 'Resource has been marked as ERRED.' });
    clock.advance(60_000);
    expect(group).toMatchObject({ state: 'ERRED', errorMessage: 'x', errorTraceback: '' });
    await send('POST', `${groups}${group.uuid}/set_ok/`);
    expect(group).toMatchObject({ state: 'OK', errorMessage: '' });
  });
});

describe('Deletion', () => {
  it.each([groups, servers, allocations])('of %s… is accepted, and done later', async (path) => {
    const { clock, group, server, allocation, ask, send } = await aWorld();
    const row = { [groups]: group, [servers]: server, [allocations]: allocation }[path];
    const one = `${path}${row?.uuid}/`;
    const { status, body } = await send('DELETE', one);
    expect({ status, body }).toEqual({ status: 202, body: { detail: 'Deletion was scheduled.' } });
    clock.advance(4_999);
    expect((await ask(one)).body.state).toBe('DELETING');
    clock.advance(1);
    expect((await ask(one)).status).toBe(404);
  });

  it('gives the quota back, and unlinking does not', async () => {
    const { clock, tenant, world, send } = await aWorld();
    const [one, other] = world.securityGroups.filter(
      ({ name, state }) => name !== 'default' && state === 'OK',
    );
    const used = () =>
      tenant.quotas.find(({ name }) => name === 'security_group_count')?.usage ?? 0;
    const before = used();
    for (const group of [one, other]) {
      Object.assign(group ?? {}, { tenant });
    }
    expect((await send('POST', `${groups}${one?.uuid}/unlink/`)).status).toBe(204);
    expect(used()).toBe(before);
    await send('DELETE', `${groups}${other?.uuid}/`);
    clock.advance(5_000);
    expect(used()).toBe(before - 1);
  });

  it('of what was ERRED is forced, but for security groups', async () => {
    const { clock, group, server, world, send } = await aWorld();
    for (const row of [group, server]) {
      Object.assign(row, { name: 'please-fail', state: 'ERRED' });
    }
    await send('DELETE', `${groups}${group.uuid}/`);
    await send('DELETE', `${servers}${server.uuid}/`);
    clock.advance(5_000);
    expect(group.state).toBe('ERRED');
    expect(world.serverGroups).not.toContain(server);
  });

  it('never ends in 2024 for a security group without a backend id', async () => {
    const { clock, group, send } = await aWorld({ profile: '7.6' });
    group.backendId = '';
    await send('DELETE', `${groups}${group.uuid}/`);
    clock.advance(999_999);
    expect(group.state).toBe('DELETING');
  });
});

describe('Checks', () => {
  it('refuse what is for staff before they look for it', async () => {
    const { send } = await aWorld();
    for (const action of ['unlink', 'set_ok', 'set_erred']) {
      expect((await send('POST', `${groups}${nobody}/${action}/`, undefined, 'owner')).status).toBe(
        403,
      );
      expect((await send('POST', `${groups}${nobody}/${action}/`)).status).toBe(404);
    }
    const limits = `${allocations}${nobody}/set_limits/`;
    expect((await send('POST', limits, {}, 'owner')).status).toBe(403);
  });

  it('come in the order credential, method, object, right, state, body', async () => {
    const { group, world, send } = await aWorld();
    const one = `${groups}${group.uuid}/`;
    const member = world.users.find(({ username }) => username === 'member');
    group.project = member?.roles[0]?.scope as Project;
    group.state = 'ERRED';
    expect((await send('POST', groups, {}, null)).status).toBe(401);
    const denied = await send('POST', groups, {});
    expect(denied).toMatchObject({ status: 405, body: { detail: 'Method "POST" not allowed.' } });
    expect(denied.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    expect((await send('PUT', `${servers}${nobody}/`, {})).status).toBe(405);
    expect((await send('PATCH', one, { name: '' }, 'stranger')).status).toBe(404);
    expect((await send('PATCH', one, { name: '' }, 'member')).status).toBe(403);
    expect(await send('PATCH', one, { name: '' })).toMatchObject({
      status: 409,
      body: { detail: 'Valid states for operation: OK.' },
    });
    group.state = 'OK';
    expect(await send('PATCH', one, { name: '' })).toMatchObject({
      status: 400,
      body: { name: ['This field may not be blank.'] },
    });
    expect((await send('POST', `${one}pull/`)).status).toBe(202);
    expect((await send('POST', `${one}nonsense/`)).headers.get('content-type')).toContain('html');
  });

  it('want JSON', async () => {
    const { group, ask } = await aWorld();
    const post = (body: string, type: string) =>
      ask(`${groups}${group.uuid}/set_rules/`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
    expect((await post('[]', 'text/plain')).status).toBe(415);
    expect((await post('[', 'application/json')).body.detail).toMatch(/^JSON parse error/);
  });

  it('refuse a pull without a backend id, with a bare list', async () => {
    const { group, send } = await aWorld();
    group.backendId = '';
    expect(await send('POST', `${groups}${group.uuid}/pull/`)).toMatchObject({
      status: 400,
      body: ['Resource does not have backend ID.'],
    });
  });

  it('speak as Waldur did in 2024, and know no marks', async () => {
    const { group, send } = await aWorld({ profile: '7.6' });
    group.state = 'UPDATING';
    expect((await send('POST', `${groups}${group.uuid}/pull/`)).body).toEqual({
      detail: 'Valid states for operation: OK, Erred.',
    });
    expect((await send('POST', `${groups}${group.uuid}/set_ok/`)).status).toBe(404);
  });
});

describe('Security groups', () => {
  it('are made by their tenant, with rules that have ids', async () => {
    const { clock, tenant, send } = await aWorld();
    const { status, body } = await send('POST', `${tenants}${tenant.uuid}/create_security_group/`, {
      name: ' new ',
      rules: [{ ...rule, protocol: '' }],
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'new',
      description: '',
      state: 'CREATION_SCHEDULED',
      backend_id: '',
      rules: [{ id: expect.any(Number), protocol: '' }],
      tenant_uuid: tenant.uuid,
    });
    clock.advance(5_000);
    expect((await send('GET', `${groups}${body.uuid}/`)).body).toMatchObject({
      state: 'OK',
      backend_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it.each<[string, unknown, unknown]>([
    ['nothing', {}, { name: ['This field is required.'], rules: ['This field is required.'] }],
    ['no object', [], { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }],
    [
      'the name default',
      { name: 'default', rules: [] },
      { name: ['Default security group is managed by OpenStack itself.'] },
    ],
    [
      'the name of another',
      { name: 'web', rules: [] },
      { non_field_errors: ['Security group name should be unique.'] },
    ],
    [
      'the same rule twice',
      { name: 'x', rules: [rule, rule] },
      ['Duplicate security group rules are not allowed.'],
    ],
    [
      'a rule with an id',
      { name: 'x', rules: [{ ...rule, id: 1 }] },
      { rules: [['Cannot add existed rule with id 1 to new security group']] },
    ],
    [
      'rules that are no list',
      { name: 'x', rules: {} },
      { rules: { non_field_errors: ['Expected a list of items but got type "dict".'] } },
    ],
  ])('are refused for %s', async (_name, body, complaints) => {
    const { tenant, world, send } = await aWorld();
    const before = world.securityGroups.length;
    const answer = await send('POST', `${tenants}${tenant.uuid}/create_security_group/`, body);
    expect(answer).toMatchObject({ status: 400, body: complaints });
    expect(world.securityGroups).toHaveLength(before);
  });

  it('are refused beyond the quotas, which are named together', async () => {
    const { tenant, send } = await aWorld();
    for (const quota of tenant.quotas) {
      Object.assign(quota, { usage: 100, limit: 100 });
    }
    const { body } = await send('POST', `${tenants}${tenant.uuid}/create_security_group/`, {
      name: 'x',
      rules: [rule, { ...rule, direction: 'egress' }],
    });
    expect(body).toEqual([
      'One or more quotas were exceeded: security_group_count quota limit: 100, requires 101;security_group_rule_count quota limit: 100, requires 102',
    ]);
  });

  it('answer a change with two keys, and are scheduled even for an empty one', async () => {
    const { group, send } = await aWorld();
    const { status, body } = await send('PATCH', `${groups}${group.uuid}/`, {});
    expect(status).toBe(200);
    expect(body).toEqual({ name: 'web', description: group.description });
    expect(group.state).toBe('UPDATE_SCHEDULED');
  });

  it('keep the default group as it is, but for its rules', async () => {
    const { group, send } = await aWorld();
    group.name = 'default';
    const complaint = { name: 'Default security group is managed by OpenStack itself.' };
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      expect((await send(method, `${groups}${group.uuid}/`, {})).body).toEqual(complaint);
    }
    expect((await send('POST', `${groups}${group.uuid}/set_rules/`, [])).status).toBe(202);
  });
});

describe('set_rules', () => {
  const kept = {
    id: 7,
    ethertype: 'IPv6',
    direction: 'egress',
    protocol: 'tcp',
    fromPort: 22,
    toPort: 22,
    cidr: '::/0',
    description: 'old',
    remoteGroup: null,
  } as const;

  it.each<[string, SandboxOptions, object]>([
    ['resets direction and ethertype in 8.1', {}, { direction: 'ingress', ethertype: 'IPv4' }],
    ['keeps them in 2024', { profile: '7.6' }, { direction: 'egress', ethertype: 'IPv6' }],
  ])('%s when a kept rule is sent without', async (_name, options, expected) => {
    const { group, send } = await aWorld(options);
    group.rules = [{ ...kept }];
    const body = [{ id: '7', from_port: 80, to_port: '80', cidr: null }];
    const answer = await send('POST', `${groups}${group.uuid}/set_rules/`, body);
    expect(answer).toMatchObject({
      status: 202,
      body: { status: 'Rules update was successfully scheduled.' },
    });
    expect(group.rules).toEqual([{ ...kept, ...expected, fromPort: 80, toPort: 80, cidr: null }]);
  });

  it('shows the new rules at once, and deletes what is not listed', async () => {
    const { group, send } = await aWorld();
    group.rules = [{ ...kept }];
    await send('POST', `${groups}${group.uuid}/set_rules/`, [{ ...rule, protocol: 'udp' }]);
    const { body } = await send('GET', `${groups}${group.uuid}/`);
    expect(body.state).toBe('UPDATE_SCHEDULED');
    expect(body.rules).toHaveLength(1);
    expect(body.rules[0].id).not.toBe(7);
  });

  it.each<[string, unknown, unknown]>([
    ['no list', {}, { non_field_errors: ['Expected a list of items but got type "dict".'] }],
    [
      'an item that is none',
      [5],
      [{ non_field_errors: ['Invalid data. Expected a dictionary, but got int.'] }],
    ],
    [
      'null for a protocol',
      [{ ...rule, protocol: null }],
      [{ protocol: ['This field may not be null.'] }],
    ],
    ['TCP', [{ ...rule, protocol: 'TCP' }], [{ protocol: ['"TCP" is not a valid choice.'] }]],
    [
      'a port of 65536',
      [{ ...rule, to_port: 65_536 }],
      [{ to_port: ['Ensure this value is less than or equal to 65535.'] }],
    ],
    [
      'true for a port',
      [{ ...rule, to_port: true }],
      [{ to_port: ['A valid integer is required.'] }],
    ],
    ['no ports', [{ protocol: 'tcp' }], [{ to_port: ['Empty value is not allowed.'] }]],
    ['no first port', [{ to_port: 1 }], [{ from_port: ['Empty value is not allowed.'] }]],
    [
      'a rule that is not there',
      [{}, { ...rule, id: 999 }],
      [
        { to_port: ['Empty value is not allowed.'] },
        { id: 'Security group does not have rule with id 999.' },
      ],
    ],
    [
      'holes',
      [{ ...rule }, { ...rule, protocol: 'x' }],
      [{}, { protocol: ['"x" is not a valid choice.'] }],
    ],
    [
      'a link to nowhere',
      [{ ...rule, remote_group: 'http://x/api/nope/1/' }],
      [{ remote_group: ['Invalid hyperlink - Incorrect URL match.'] }],
    ],
    [
      'a link of text',
      [{ ...rule, remote_group: 'nope' }],
      [{ remote_group: ['Invalid hyperlink - No URL match.'] }],
    ],
  ])('refuses %s', async (_name, body, complaints) => {
    const { group, send } = await aWorld();
    const before = JSON.stringify(group.rules.map(({ id }) => id));
    const answer = await send('POST', `${groups}${group.uuid}/set_rules/`, body);
    expect(answer).toMatchObject({ status: 400, body: complaints });
    expect(JSON.stringify(group.rules.map(({ id }) => id))).toBe(before);
  });

  it('takes a remote group by any host, and with dashes', async () => {
    const { group, send } = await aWorld();
    const dashed = group.uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const body = [{ ...rule, remote_group: `https://elsewhere.example${groups}${dashed}/` }];
    expect((await send('POST', `${groups}${group.uuid}/set_rules/`, body)).status).toBe(202);
    expect(group.rules[0]?.remoteGroup).toBe(group);
  });
});

describe('Allocations', () => {
  it('get the default limit of the site, whatever was asked for', async () => {
    const { clock, world, sandbox, send } = await aWorld();
    const origin = sandbox.waldur.server.url;
    const portal = world.settings.find(({ type }) => type === 'OpenPortal');
    const { status, body, headers } = await send('POST', allocations, {
      name: 'x',
      project: `${origin}/api/projects/${world.projects[0]?.uuid}/`,
      service_settings: `${origin}/api/service-settings/${portal?.uuid}/`,
      node_limit: 77,
    });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(body.url);
    expect(body).toMatchObject({ node_limit: 77, groupname: null, is_active: true });
    clock.advance(5_000);
    expect((await send('GET', `${allocations}${body.uuid}/`)).body).toMatchObject({
      state: 'OK',
      node_limit: 1_000,
      groupname: expect.any(String),
    });
  });

  it.each<[string, Record<string, unknown>, unknown]>([
    [
      'links of another kind',
      {},
      { service_settings: ['Invalid hyperlink - Object does not exist.'] },
    ],
    [
      'a limit of -1',
      { node_limit: -1 },
      { node_limit: ['Ensure this value is greater than or equal to 0.'] },
    ],
  ])('are refused for %s', async (_name, extra, complaints) => {
    const { sandbox, world, send } = await aWorld();
    const { url } = sandbox.waldur.server;
    const openStack = world.settings.find(({ type }) => type === 'OpenStack');
    const answer = await send('POST', allocations, {
      name: 'x',
      project: `${url}/api/projects/${world.projects[0]?.uuid}/`,
      service_settings: `${url}/api/service-settings/${openStack?.uuid}/`,
      ...extra,
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject(complaints as object);
  });

  it('are changed at once and stay OK, deaf to project and settings', async () => {
    const { allocation, send } = await aWorld();
    const { project } = allocation;
    const { status, body } = await send('PUT', `${allocations}${allocation.uuid}/`, {
      name: 'y',
      project: 'nonsense',
      node_limit: '12',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: 'y', node_limit: 12, state: 'OK' });
    expect(allocation.project).toBe(project);
  });

  it.each([
    ['OK', 202],
    ['ERRED', 202],
    ['UPDATE_SCHEDULED', 202],
    ['UPDATING', 500],
    ['CREATING', 500],
  ] as const)('take limits in the state %s with %i', async (state, status) => {
    const { allocation, send } = await aWorld();
    allocation.state = state;
    const before = allocation.nodeLimit;
    const path = `${allocations}${allocation.uuid}/set_limits/`;
    expect((await send('POST', path, { node_limit: -1 })).status).toBe(status);
    expect(allocation.nodeLimit).toBe(status === 202 ? -1n : before);
  });
});
