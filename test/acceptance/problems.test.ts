/** What is wrong in either cloud, and what may help. */

import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/sandbox/danube/model.ts';
import type { Resource, State } from '../../src/sandbox/waldur/model.ts';
import { aGateway, type GatewayOptions, type RunOptions } from '../a-gateway.ts';

interface Problem {
  readonly kind: string;
  readonly type: string;
  readonly since: string | null;
  readonly message: string | null;
  readonly subject: { readonly __typename: string; readonly uuid: string; readonly name?: string };
  readonly remedies: readonly {
    readonly mutation: string;
    readonly right: string;
    readonly isDestructive: boolean;
    readonly document: string;
  }[];
}

const minute = 60_000;
const ago = (minutes: number) =>
  new Date(Date.now() - minutes * minute).toISOString().replace('Z', '000');

const shown = `totalCount isComplete unanswered nodes { kind type since message
  subject { __typename ... on Resource { uuid name } ... on VirtualMachine { uuid hostname } }
  remedies { mutation right isDestructive document } }`;

/** A world in which all is well, and nothing has changed for a day. */
async function aWorld(options: GatewayOptions = {}) {
  const gateway = await aGateway(options);
  const { waldur, danube } = gateway.sandbox;
  const { tenants, securityGroups, serverGroups, allocations } = waldur.world;
  const all: Resource[] = [...tenants, ...securityGroups, ...serverGroups, ...allocations];
  for (const row of all) {
    Object.assign(row, { state: 'OK', errorMessage: '', modified: ago(24 * 60) });
  }
  for (const machine of danube.world.machines) {
    Object.assign(machine, { status: 'running', statusChanged: `${ago(24 * 60)}Z` });
  }
  danube.world.tasks.clear();
  const set = (row: Resource, state: State, minutes: number, more: Partial<Resource> = {}) =>
    Object.assign(row, { state, modified: ago(minutes), backendId: 'there', ...more });
  const setMachine = (machine: Machine, status: Machine['status'], minutes: number | null) =>
    Object.assign(machine, {
      status,
      statusChanged: minutes === null ? null : `${ago(minutes)}Z`,
    });
  const problems = async (args = '', runOptions: RunOptions = {}, selection = shown) => {
    const made = await gateway.calls(`{ problems${args} { ${selection} } }`, runOptions);
    const found = made.answer.data?.problems;
    const nodes: readonly (Problem | null)[] = found?.nodes ?? [];
    return { ...made, found, nodes, first: nodes[0] as Problem };
  };
  const topUps = () =>
    gateway.logged.flatMap((line) => (JSON.parse(line) as { topUps?: string[] }).topUps ?? []);
  const rows = {
    tenant: tenants[1] as (typeof tenants)[number],
    group: securityGroups[5] as (typeof securityGroups)[number],
    other: securityGroups[6] as (typeof securityGroups)[number],
    serverGroup: serverGroups[3] as (typeof serverGroups)[number],
    allocation: allocations[2] as (typeof allocations)[number],
    machine: danube.world.machines[0] as Machine,
    second: danube.world.machines[1] as Machine,
  };
  return { gateway, ...rows, set, setMachine, problems, topUps };
}

describe('Query.problems', () => {
  it('has what is ERRED at any age and what is stuck for too long, the oldest first', async () => {
    const world = await aWorld();
    world.set(world.tenant, 'ERRED', 1, { errorMessage: 'No more addresses.' });
    world.set(world.group, 'UPDATING', 16);
    world.set(world.other, 'UPDATING', 14);
    world.set(world.serverGroup, 'CREATION_SCHEDULED', 300);
    world.set(world.allocation, 'ERRED', 20, { errorMessage: 'Quota.' });
    world.setMachine(world.machine, 'error', null);
    world.setMachine(world.second, 'stopping', 200);
    const { answer, found, nodes } = await world.problems();
    expect(answer.errors).toBeUndefined();
    expect(
      nodes.map((node) => [node?.type, node?.kind, node?.message, node?.subject.uuid]),
    ).toEqual([
      ['SERVER_GROUP', 'STUCK', null, world.serverGroup.uuid],
      ['VIRTUAL_MACHINE', 'STUCK', null, world.second.uuid],
      ['ALLOCATION', 'ERRED', 'Quota.', world.allocation.uuid],
      ['SECURITY_GROUP', 'STUCK', null, world.group.uuid],
      ['TENANT', 'ERRED', 'No more addresses.', world.tenant.uuid],
      ['VIRTUAL_MACHINE', 'ERRED', null, world.machine.uuid],
    ]);
    expect(nodes.map((node) => node?.since)).toEqual([
      `${world.serverGroup.modified}Z`,
      world.second.statusChanged,
      `${world.allocation.modified}Z`,
      `${world.group.modified}Z`,
      `${world.tenant.modified}Z`,
      null,
    ]);
    expect(found).toMatchObject({ totalCount: 6, isComplete: true, unanswered: [] });
    expect(world.topUps()).toEqual([]);
  });

  it('takes one call for each type and each datacenter, and one for the rights', async () => {
    const { set, group, problems } = await aWorld();
    set(group, 'ERRED', 20);
    const { lines, waldur } = await problems();
    expect(lines.map((line) => line.replace(/\?.*/, '')).sort()).toEqual([
      'GET /api/dc/',
      'GET /api/openportal-allocations/',
      'GET /api/openstack-security-groups/',
      'GET /api/openstack-server-groups/',
      'GET /api/openstack-tenants/',
      'GET /api/users/me/',
      'GET /api/vm/status/',
      'GET /api/vm/status/',
      'GET /api/vm/status/',
    ]);
    const [list] = waldur.filter(({ path }) => path.includes('security-groups'));
    expect(list?.query.getAll('state')).not.toContain('OK');
    expect(list?.query.getAll('state')).toHaveLength(7);
    const plainly = await problems('', {}, 'nodes { kind since }');
    expect(plainly.waldur.map(({ query }) => query.getAll('field'))).toEqual(
      Array.from({ length: 4 }, () => ['uuid', 'state', 'modified']),
    );
  });

  it('takes as long as it is told for too long', async () => {
    const { set, setMachine, group, machine, problems } = await aWorld();
    set(group, 'DELETING', 30);
    setMachine(machine, 'running-', 30);
    expect((await problems('(minutes: 29)')).found.totalCount).toBe(2);
    expect((await problems('(minutes: 31)')).found.totalCount).toBe(0);
    expect((await problems('(minutes: 0)')).found.totalCount).toBe(2);
  });

  it('does not take for stuck what has begun at a time that nobody knows', async () => {
    const { setMachine, machine, problems } = await aWorld();
    setMachine(machine, 'deploying', null);
    expect((await problems()).found.totalCount).toBe(0);
  });

  it('shows the first, counts them all, and reads on past a page', async () => {
    const { gateway, set, problems } = await aWorld({ sizes: { securityGroups: 700 } });
    for (const [at, group] of gateway.sandbox.waldur.world.securityGroups.entries()) {
      set(group, 'ERRED', 10_000 - at);
    }
    const { found, nodes, waldur } = await problems('(first: 3)');
    expect(found.totalCount).toBe(700);
    const [one, two, three] = gateway.sandbox.waldur.world.securityGroups;
    expect(nodes.map((node) => node?.subject.uuid)).toEqual([one, two, three].map((g) => g?.uuid));
    const lists = waldur.filter(({ path }) => path.includes('security-groups'));
    expect(lists).toHaveLength(3);
  });

  it('says so when there is too much to look at', { timeout: 60_000 }, async () => {
    const { gateway, set, problems } = await aWorld({ sizes: { securityGroups: 3_100 } });
    for (const group of gateway.sandbox.waldur.world.securityGroups) {
      set(group, 'ERRED', 20);
    }
    const { found, waldur } = await problems('(first: 1)', {}, 'totalCount isComplete unanswered');
    expect(found).toEqual({ totalCount: 3_000, isComplete: false, unanswered: [] });
    expect(waldur.filter(({ path }) => path.includes('security-groups'))).toHaveLength(10);
  });

  it('leads on from its subjects as from anything else', async () => {
    const { set, setMachine, group, machine, problems, topUps } = await aWorld();
    set(group, 'ERRED', 20);
    setMachine(machine, 'error', 20);
    const { answer, nodes, lines } = await problems(
      '',
      {},
      `nodes { subject {
        ... on SecurityGroup { tenant { name } project { name customer { name } } }
        ... on VirtualMachine { hostname vcpus owner datacenter { name } }
      } }`,
    );
    expect(answer.errors).toBeUndefined();
    expect(nodes.map((node) => node?.subject)).toEqual(
      expect.arrayContaining([
        {
          tenant: { name: group.tenant.name },
          project: { name: group.project.name, customer: { name: group.project.customer.name } },
        },
        {
          hostname: machine.hostname,
          vcpus: machine.vcpus,
          owner: machine.owner.username,
          datacenter: { name: machine.datacenter.name },
        },
      ]),
    );
    // All that a list of states does not tell of the one machine is a call more.
    expect(lines).toHaveLength(4 + 1 + 3 + 1);
    expect(topUps()).toEqual([]);
  });

  it("never has another caller's things", async () => {
    const { gateway, set, problems } = await aWorld();
    const { world } = gateway.sandbox.waldur;
    for (const group of world.securityGroups) {
      set(group, 'ERRED', 20);
    }
    for (const machine of gateway.sandbox.danube.world.machines) {
      machine.status = 'error';
    }
    const member = world.users.find(({ username }) => username === 'member');
    const scopes = member?.roles.map(({ scope }) => scope) ?? [];
    const theirs = world.securityGroups.filter(({ project }) => scopes.includes(project));
    const machines = gateway.sandbox.danube.world.machines.filter(
      ({ owner }) => owner.username === 'member',
    );
    const { nodes } = await problems('(first: 300)', { as: 'member' });
    const uuids = nodes.map((node) => node?.subject.uuid).sort();
    expect(uuids).toEqual(expect.arrayContaining(theirs.map(({ uuid }) => uuid)));
    for (const uuid of uuids) {
      const isTheirs = [...theirs, ...machines].some((one) => one.uuid === uuid);
      expect(isTheirs).toBe(true);
    }
    const stranger = await problems('', { as: 'stranger' });
    expect(stranger.found).toMatchObject({ totalCount: 0, unanswered: [] });
  });

  it.each([
    ['waldur', ['TENANT', 'SECURITY_GROUP', 'SERVER_GROUP', 'ALLOCATION'], 'VIRTUAL_MACHINE'],
    ['danube', ['VIRTUAL_MACHINE'], 'SECURITY_GROUP'],
  ] as const)('answers for the other cloud while %s is down', async (upstream, types, left) => {
    const world = await aWorld({ env: { UPSTREAM_RETRIES: '0' } });
    world.set(world.group, 'ERRED', 20);
    world.setMachine(world.machine, 'error', 20);
    world.gateway.sandbox[upstream].server.inject({ fault: { kind: 'reset' } });
    const { answer, found, nodes } = await world.problems();
    expect(nodes.map((node) => node?.type ?? null)).toEqual([left, ...types.map(() => null)]);
    expect(found).toMatchObject({ totalCount: 1, isComplete: false, unanswered: types });
    expect(answer.errors).toMatchObject(
      types.map((_type, at) => ({
        path: ['problems', 'nodes', 1 + at],
        extensions: { code: 'UPSTREAM_UNAVAILABLE', upstream },
      })),
    );
  });

  it('answers for the other datacenters while one gives no answer', async () => {
    const { gateway, setMachine, problems } = await aWorld({ env: { UPSTREAM_RETRIES: '0' } });
    const { machines } = gateway.sandbox.danube.world;
    for (const machine of machines) {
      setMachine(machine, 'error', 20);
    }
    gateway.sandbox.danube.server.inject({
      fault: { kind: 'answer', answer: { status: 500, body: 'no' } },
      when: ({ query, path }) => path === '/api/vm/status/' && query.get('dc') === 'archive',
    });
    const { answer, found } = await problems('(first: 300)');
    const others = machines.filter(
      ({ datacenter, isReplica, node }) =>
        datacenter.name !== 'archive' && !isReplica && node?.status !== 'unlicensed',
    );
    expect(found).toMatchObject({ totalCount: others.length, unanswered: ['VIRTUAL_MACHINE'] });
    expect(answer.errors).toMatchObject([
      { path: ['problems', 'nodes', others.length], extensions: { code: 'UPSTREAM_FAILED' } },
    ]);
  });

  it('leaves out a cloud that is not configured', async () => {
    const { problems } = await aWorld({ without: 'danube' });
    const { answer, found } = await problems();
    expect(answer.errors).toBeUndefined();
    expect(found).toMatchObject({ isComplete: true, unanswered: [] });
  });

  it.each([
    ['(minutes: -1)', 'minutes'],
    ['(minutes: 525601)', 'minutes'],
    ['(first: 301)', 'first'],
  ])('refuses %s before anything is sent', async (args, argument) => {
    const { problems } = await aWorld();
    const { answer, lines } = await problems(args);
    expect(answer.errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      argument: [argument],
    });
    expect(lines).toEqual([]);
  });
});

describe('Problem.remedies', () => {
  const named = (problem: Problem) => problem.remedies.map(({ mutation }) => mutation);

  it.each<['group' | 'serverGroup' | 'allocation', State, string, readonly string[]]>([
    [
      'group',
      'ERRED',
      'there',
      ['pullSecurityGroup', 'markSecurityGroupOk', 'deleteSecurityGroup'],
    ],
    ['group', 'ERRED', '', ['markSecurityGroupOk', 'deleteSecurityGroup']],
    [
      'serverGroup',
      'DELETING',
      'there',
      ['markServerGroupErred', 'markServerGroupOk', 'unlinkServerGroup'],
    ],
    ['allocation', 'ERRED', 'there', ['pullAllocation', 'markAllocationOk', 'deleteAllocation']],
  ])('for staff of a %s that is %s, backend "%s"', async (row, state, backendId, mutations) => {
    const world = await aWorld();
    world.set(world[row], state, 20, { backendId, name: 'something' });
    const { first } = await world.problems();
    expect(named(first)).toEqual(mutations);
    expect(first.remedies.every(({ right }) => right === 'STAFF')).toBe(true);
  });

  it('never delete the group that OpenStack manages', async () => {
    const { set, group, problems } = await aWorld();
    set(group, 'ERRED', 20, { name: 'default' });
    expect(named((await problems()).first)).toEqual(['pullSecurityGroup', 'markSecurityGroupOk']);
  });

  it('can be run as they are, and are allowed', async () => {
    const world = await aWorld();
    const { gateway, set, setMachine, group, serverGroup, machine, problems } = world;
    set(group, 'ERRED', 20);
    set(serverGroup, 'UPDATING', 20);
    setMachine(machine, 'stopping', 20);
    const { nodes } = await problems();
    const documents = nodes.flatMap((node) => node?.remedies ?? []);
    expect(documents.map(({ mutation }) => mutation).sort()).toEqual([
      'deleteSecurityGroup',
      'markSecurityGroupOk',
      'markServerGroupErred',
      'markServerGroupOk',
      'pullSecurityGroup',
      'stopVirtualMachine',
      'unlinkServerGroup',
    ]);
    for (const { document, mutation } of documents) {
      set(group, 'ERRED', 20);
      const { data, errors } = await gateway.run(document);
      expect(errors).toBeUndefined();
      const title = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Success`;
      expect(data[mutation]).toEqual({ __typename: title });
    }
  });

  it('for whoever manages the project are those that need no staff, by one call more', async () => {
    const { gateway, set, problems } = await aWorld();
    const { world } = gateway.sandbox.waldur;
    const owner = world.users.find(({ username }) => username === 'owner');
    const customers = owner?.roles.map(({ scope }) => scope) ?? [];
    const theirs = world.securityGroups.filter(({ project }) =>
      customers.includes(project.customer),
    );
    for (const group of theirs.slice(0, 3)) {
      set(group, 'ERRED', 20, { name: 'theirs' });
    }
    const stuck = theirs[3] as (typeof theirs)[number];
    set(stuck, 'UPDATING', 30);
    const { nodes, lines } = await problems('', { as: 'owner' });
    expect(nodes.map((node) => named(node as Problem))).toEqual([
      [],
      ...[1, 2, 3].map(() => ['pullSecurityGroup', 'deleteSecurityGroup']),
    ]);
    expect(nodes[1]?.remedies[0]?.right).toBe('MANAGER');
    const rights = lines.filter((line) => /users\/me|\/projects\//.test(line));
    expect(rights).toHaveLength(2);
    expect(rights[1]).toContain('can_manage=true');
  });

  it('are none for whoever only sees it', async () => {
    const { gateway, set, problems } = await aWorld();
    const { world } = gateway.sandbox.waldur;
    const member = world.users.find(({ username }) => username === 'member');
    const projects = member?.roles
      .filter(({ role }) => role === 'PROJECT.MEMBER')
      .map(({ scope }) => scope);
    const [seen] = world.securityGroups;
    Object.assign(seen ?? {}, { project: projects?.[0] });
    set(seen as (typeof world.securityGroups)[number], 'ERRED', 20);
    const { first } = await problems('', { as: 'member' });
    expect(first.subject.uuid).toBe(seen?.uuid);
    expect(first.remedies).toEqual([]);
  });

  it('of a machine are its tasks, called off; Danube Cloud says whether they may be', async () => {
    const { gateway, setMachine, machine, problems } = await aWorld();
    await gateway.run(
      `mutation { stopVirtualMachine(input: { hostname: "${machine.hostname}", datacenter: "${machine.datacenter.name}" }) { __typename } }`,
    );
    setMachine(machine, 'stopping', 20);
    const { first } = await problems();
    expect(first.remedies).toMatchObject([
      { mutation: 'cancelTask', right: 'CLOUD_DECIDES', isDestructive: false },
      { mutation: 'stopVirtualMachine', right: 'CLOUD_DECIDES', isDestructive: true },
    ]);
    const { data } = await gateway.run(first.remedies[0]?.document ?? '');
    expect(data.cancelTask.__typename).toBe('CancelTaskSuccess');
  });

  it('are null, with an error, when rights cannot be read; the problem is told all the same', async () => {
    const { gateway, set, group, problems } = await aWorld({ env: { UPSTREAM_RETRIES: '0' } });
    set(group, 'ERRED', 20);
    gateway.sandbox.waldur.server.inject({
      fault: { kind: 'answer', answer: { status: 503, body: '' } },
      when: ({ path }) => path === '/api/users/me/',
    });
    const { answer, first } = await problems();
    expect(first).toMatchObject({ type: 'SECURITY_GROUP', remedies: null });
    expect(answer.errors).toMatchObject([{ path: ['problems', 'nodes', 0, 'remedies'] }]);
  });
});
