/** Looking for anything, in both clouds at once. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { aGateway, type GatewayOptions, type RunOptions } from '../a-gateway.ts';

interface Section {
  readonly type: string;
  readonly hits: {
    readonly totalCount: number;
    readonly nodes: readonly { readonly __typename: string; readonly name?: string }[];
  } | null;
}

const shown = `type hits { totalCount nodes { __typename
  ... on Resource { uuid name state } ... on Customer { uuid name } ... on Project { uuid name }
  ... on Datacenter { name } ... on VirtualMachine { uuid hostname status } } }`;

async function aSearch(options: GatewayOptions = {}) {
  const gateway = await aGateway(options);
  const search = async (args: string, runOptions: RunOptions = {}, selection = shown) => {
    const made = await gateway.calls(`{ search(${args}) { ${selection} } }`, runOptions);
    const sections: readonly Section[] = made.answer.data?.search ?? [];
    const of = (type: string) => sections.find((section) => section.type === type)?.hits ?? null;
    return { ...made, sections, of };
  };
  const topUps = () =>
    gateway.logged.flatMap((line) => (JSON.parse(line) as { topUps?: string[] }).topUps ?? []);
  return { gateway, search, topUps };
}

/** Others Danube shows to nobody. */
const machinesIn = ({ danube }: Sandbox) =>
  danube.world.machines.filter(
    ({ isReplica, node }) => !isReplica && node?.status !== 'unlicensed',
  );

const allTypes = [
  'CUSTOMER',
  'PROJECT',
  'TENANT',
  'SECURITY_GROUP',
  'SERVER_GROUP',
  'ALLOCATION',
  'DATACENTER',
  'VIRTUAL_MACHINE',
];

describe('Query.search', () => {
  it('finds what has the text, in one call for each type and each datacenter', async () => {
    const { gateway, search, topUps } = await aSearch();
    const { world } = gateway.sandbox.waldur;
    const { answer, sections, of, waldur, danube } = await search('text: " BaStIon", first: 100');
    expect(answer.errors).toBeUndefined();
    expect(sections.map(({ type }) => type)).toEqual(allTypes);
    const named = (rows: readonly { name: string; description?: string }[]) =>
      rows.filter(({ name }) => name.includes('bastion')).map(({ name }) => name);
    expect(
      of('TENANT')
        ?.nodes.map(({ name }) => name)
        .sort(),
    ).toEqual(named(world.tenants).sort());
    expect(of('SERVER_GROUP')?.totalCount).toBe(named(world.serverGroups).length);
    const groups = world.securityGroups.filter(({ name, description }) =>
      `${name} ${description}`.includes('bastion'),
    );
    expect(of('SECURITY_GROUP')?.totalCount).toBe(groups.length);
    const machines = machinesIn(gateway.sandbox).filter(({ hostname, alias }) =>
      `${hostname} ${alias}`.includes('bastion'),
    );
    expect(machines.length).toBeGreaterThan(0);
    expect(of('VIRTUAL_MACHINE')?.totalCount).toBe(machines.length);
    expect(waldur.map(({ path }) => path).sort()).toEqual([
      '/api/customers/',
      '/api/openportal-allocations/',
      '/api/openstack-security-groups/',
      '/api/openstack-server-groups/',
      '/api/openstack-tenants/',
      '/api/projects/',
    ]);
    expect(danube.map(({ path }) => path).sort()).toEqual([
      '/api/dc/',
      '/api/vm/',
      '/api/vm/',
      '/api/vm/',
    ]);
    expect(topUps()).toEqual([]);
  });

  it('asks for nothing but what is selected of each type', async () => {
    const { search, topUps } = await aSearch();
    const { waldur } = await search(
      'text: "web", types: [SECURITY_GROUP, PROJECT]',
      {},
      'hits { nodes { ... on SecurityGroup { tenant { name } } ... on Project { customer { name } } } }',
    );
    const fields = waldur.map(({ query }) => query.getAll('field').sort());
    expect(fields).toEqual([
      ['tenant_name', 'tenant_uuid', 'uuid'].sort(),
      ['customer', 'customer_name', 'uuid'].sort(),
    ]);
    expect(topUps()).toEqual([]);
  });

  it('counts without reading rows', async () => {
    const { search } = await aSearch();
    const { waldur } = await search('text: "web", types: [TENANT]', {}, 'hits { totalCount }');
    expect(waldur.map(({ method }) => method)).toEqual(['HEAD']);
  });

  it('asks for the types that are wanted alone, in their order', async () => {
    const { search } = await aSearch();
    const { sections, lines } = await search('text: "a", types: [VIRTUAL_MACHINE, TENANT, TENANT]');
    expect(sections.map(({ type }) => type)).toEqual(['VIRTUAL_MACHINE', 'TENANT']);
    expect(lines).toHaveLength(1 + 1 + 3);
  });

  it('shows so many of each, and how many there are', async () => {
    const { search } = await aSearch();
    const { sections } = await search('text: "", first: 2');
    for (const { hits } of sections) {
      expect(hits?.nodes).toHaveLength(2);
      expect(hits?.totalCount).toBeGreaterThan(2);
    }
  });

  it.each<[string, 'tenants' | 'securityGroups' | 'allocations' | 'projects' | 'customers']>([
    ['TENANT', 'tenants'],
    ['SECURITY_GROUP', 'securityGroups'],
    ['ALLOCATION', 'allocations'],
    ['PROJECT', 'projects'],
    ['CUSTOMER', 'customers'],
  ])('finds a %s by its whole uuid, with dashes and without', async (type, list) => {
    const { gateway, search } = await aSearch();
    const row = gateway.sandbox.waldur.world[list][3];
    const uuid = row?.uuid ?? '';
    for (const text of [uuid, uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')]) {
      const { answer, sections } = await search(`text: "${text.toUpperCase()}"`);
      expect(answer.errors).toBeUndefined();
      const found = sections.flatMap(({ hits }) => hits?.nodes ?? []);
      expect(found).toMatchObject([{ uuid, name: row?.name }]);
      expect(sections.find(({ hits }) => hits?.totalCount === 1)?.type).toBe(type);
    }
  });

  it('finds a machine by its uuid, and by one of its addresses', async () => {
    const { gateway, search } = await aSearch();
    const machine = machinesIn(gateway.sandbox).find(({ ips }) => ips.length > 0);
    const byUuid = await search(`text: "${machine?.uuid}", types: [VIRTUAL_MACHINE]`);
    expect(byUuid.of('VIRTUAL_MACHINE')?.nodes).toMatchObject([{ hostname: machine?.hostname }]);
    const byAddress = await search(`text: "${machine?.ips[0]}", types: [VIRTUAL_MACHINE]`);
    expect(byAddress.of('VIRTUAL_MACHINE')?.nodes).toContainEqual(
      expect.objectContaining({ hostname: machine?.hostname }),
    );
  });

  it('keeps to states in the words of both clouds, and finds nothing without one', async () => {
    const { gateway, search } = await aSearch();
    const { waldur } = gateway.sandbox;
    const count = async (state: string) => (await search(`text: "", states: [${state}]`)).of;
    const waldurIn = (keeps: (state: string) => boolean) =>
      waldur.world.securityGroups.filter(({ state }) => keeps(state)).length;
    const machines = (keeps: RegExp) =>
      machinesIn(gateway.sandbox).filter(({ status }) => keeps.test(status)).length;

    const erred = await count('ERRED');
    expect(erred('SECURITY_GROUP')?.totalCount).toBe(waldurIn((state) => state === 'ERRED'));
    expect(erred('VIRTUAL_MACHINE')?.totalCount).toBe(machines(/^error$/));
    const moving = await count('IN_TRANSITION');
    expect(moving('SECURITY_GROUP')?.totalCount).toBe(
      waldurIn((state) => state !== 'OK' && state !== 'ERRED'),
    );
    expect(moving('VIRTUAL_MACHINE')?.totalCount).toBe(
      machines(/^(deploying|stopping|notready)$|-$/),
    );
    const fine = await count('OK');
    expect(fine('VIRTUAL_MACHINE')?.totalCount).toBe(
      machines(/^(running|stopped|notcreated|frozen)$/),
    );
    const made = await search('text: "", states: [OK], types: [CUSTOMER, PROJECT, DATACENTER]');
    expect(made.sections.map(({ hits }) => hits?.totalCount)).toEqual([0, 0, 0]);
    expect(made.lines).toEqual([]);
  });

  it("never shows another caller's things", async () => {
    const { gateway, search } = await aSearch();
    const { world } = gateway.sandbox.waldur;
    const member = world.users.find(({ username }) => username === 'member');
    const projects = member?.roles.map(({ scope }) => scope) ?? [];
    const { of } = await search('text: "", first: 100', { as: 'member' });
    const seen = of('SECURITY_GROUP')?.nodes.map(({ name }) => name) ?? [];
    const theirs = world.securityGroups.filter(({ project }) => projects.includes(project));
    expect(seen.sort()).toEqual(theirs.map(({ name }) => name).sort());
    const hidden = world.securityGroups.find(({ project }) => !projects.includes(project));
    const byUuid = await search(`text: "${hidden?.uuid}"`, { as: 'member' });
    expect(byUuid.sections.flatMap(({ hits }) => hits?.nodes ?? [])).toEqual([]);
    const stranger = await search('text: "", first: 100', { as: 'stranger' });
    expect(stranger.of('SECURITY_GROUP')).toEqual({ totalCount: 0, nodes: [] });
    expect(stranger.of('VIRTUAL_MACHINE')).toEqual({ totalCount: 0, nodes: [] });
  });

  it('finds, for any text and caller, what a look through the whole world finds', {
    timeout: 60_000,
  }, async () => {
    const { gateway, search } = await aSearch();
    const { world } = gateway.sandbox.waldur;
    const names = [...world.tenants, ...world.securityGroups, ...world.allocations].map(
      ({ name }) => name,
    );
    const anyText = fc
      .tuple(fc.constantFrom(...names), fc.nat(20), fc.integer({ min: 0, max: 8 }))
      .map(([name, from, length]) => name.slice(from, from + length));
    await fc.assert(
      fc.asyncProperty(anyText, fc.constantFrom('staff', 'owner', 'member'), async (text, as) => {
        const user = world.users.find(({ username }) => username === as);
        const scopes = user?.roles.map(({ scope }) => scope) ?? [];
        const part = text.trim().toLowerCase();
        const count = (rows: typeof world.tenants | typeof world.securityGroups, more = false) =>
          rows.filter(
            ({ name, description, project }) =>
              (name.toLowerCase().includes(part) ||
                (more && description.toLowerCase().includes(part))) &&
              (user?.isStaff || scopes.includes(project) || scopes.includes(project.customer)),
          ).length;
        const { of } = await search(`text: ${JSON.stringify(text)}, first: 1`, { as });
        expect(of('TENANT')?.totalCount).toBe(count(world.tenants));
        expect(of('SECURITY_GROUP')?.totalCount).toBe(count(world.securityGroups, true));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['waldur', ['DATACENTER', 'VIRTUAL_MACHINE']],
    ['danube', ['CUSTOMER', 'PROJECT', 'TENANT', 'SECURITY_GROUP', 'SERVER_GROUP', 'ALLOCATION']],
  ] as const)('answers for the other cloud while %s is down', async (upstream, types) => {
    const { gateway, search } = await aSearch({ env: { UPSTREAM_RETRIES: '0' } });
    gateway.sandbox[upstream].server.inject({ fault: { kind: 'reset' } });
    const { answer, sections } = await search('text: "a"');
    const answered = sections.filter(({ hits }) => hits !== null).map(({ type }) => type);
    expect(answered).toEqual(types);
    const failed = sections.flatMap(({ hits }, at) => (hits === null ? [at] : []));
    const errors = [...(answer.errors ?? [])].sort(
      ({ path: one = [] }, { path: other = [] }) => Number(one[1]) - Number(other[1]),
    );
    expect(errors).toEqual(
      failed.map((at) => ({
        message: expect.any(String),
        locations: expect.anything(),
        path: ['search', at, 'hits'],
        extensions: { code: 'UPSTREAM_UNAVAILABLE', upstream },
      })),
    );
  });

  it('leaves out a cloud that is not configured, unless it is asked for', async () => {
    const { search } = await aSearch({ without: 'danube' });
    const all = await search('text: "a"');
    expect(all.answer.errors).toBeUndefined();
    expect(all.sections.map(({ type }) => type)).toEqual(allTypes.slice(0, 6));
    const one = await search('text: "a", types: [VIRTUAL_MACHINE]');
    expect(one.answer.errors).toMatchObject([
      { path: ['search', 0, 'hits'], extensions: { code: 'UPSTREAM_NOT_CONFIGURED' } },
    ]);
  });

  it.each([
    ['text: "a", first: 101', 'first'],
    ['text: "a", first: -1', 'first'],
    [`text: "${'a'.repeat(201)}"`, 'text'],
  ])('refuses (%s) before anything is sent', async (args, argument) => {
    const { search } = await aSearch();
    const { answer, lines } = await search(args);
    expect(answer.errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      argument: [argument],
    });
    expect(lines).toEqual([]);
  });
});
