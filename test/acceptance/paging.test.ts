/** Relay connections over Waldur's numbered pages. */

import { describe, expect, it } from 'vitest';
import { aGateway, type TestGateway } from '../a-gateway.ts';

interface Page {
  readonly nodes: { name: string }[];
  readonly edges: { cursor: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
}

async function page(gateway: TestGateway, args: string): Promise<Page> {
  const { data, errors } = await gateway.run(`{ projects${args} {
    nodes { name } edges { cursor } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } }`);
  expect(errors).toBeUndefined();
  return data.projects;
}

/** The sandbox's projects as the gateway lists them: by creation, the ended one left out. */
function projectNames(gateway: TestGateway): string[] {
  return gateway.sandbox.waldur.world.projects
    .filter(({ isRemoved }) => !isRemoved)
    .sort((one, other) => (one.created < other.created ? -1 : 1))
    .map(({ name }) => name);
}

const names = ({ nodes }: Page) => nodes.map(({ name }) => name);

describe('A connection', () => {
  it('gives 20 entries when neither first nor last is given', async () => {
    const gateway = await aGateway();
    expect(names(await page(gateway, ''))).toEqual(projectNames(gateway).slice(0, 20));
  });

  it('walks forward through every entry once, whatever the page length', async () => {
    const gateway = await aGateway();
    const seen: string[] = [];
    let after = '';
    for (const first of [7, 1, 13, 10, 30]) {
      const next = await page(gateway, `(first: ${first}${after})`);
      expect(next.totalCount).toBe(59);
      expect(next.pageInfo.hasPreviousPage).toBe(seen.length > 0);
      seen.push(...names(next));
      expect(next.pageInfo.hasNextPage).toBe(seen.length < 59);
      after = `, after: "${next.pageInfo.endCursor}"`;
    }
    expect(seen).toEqual(projectNames(gateway));
  });

  it('walks backward from the end', async () => {
    const gateway = await aGateway();
    const all = projectNames(gateway);
    const last = await page(gateway, '(last: 10)');
    expect(names(last)).toEqual(all.slice(-10));
    expect(last.pageInfo.hasNextPage).toBe(false);
    const before = await page(gateway, `(last: 10, before: "${last.pageInfo.startCursor}")`);
    expect(names(before)).toEqual(all.slice(-20, -10));
    expect(before.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  });

  it('stays between after and before', async () => {
    const gateway = await aGateway();
    const { edges } = await page(gateway, '(first: 10)');
    const between = `after: "${edges[2]?.cursor}", before: "${edges[6]?.cursor}"`;
    const all = projectNames(gateway);
    expect(names(await page(gateway, `(first: 20, ${between})`))).toEqual(all.slice(3, 6));
    expect(names(await page(gateway, `(last: 2, ${between})`))).toEqual(all.slice(4, 6));
  });

  it('costs at most two upstream pages', async () => {
    const gateway = await aGateway();
    const { edges } = await page(gateway, '(first: 5)');
    for (const args of [
      `first: 49, after: "${edges[3]?.cursor}"`,
      `first: 7, after: "${edges[2]?.cursor}"`,
      'last: 13',
    ]) {
      const { waldur } = await gateway.calls(`{ projects(${args}) { nodes { name } } }`);
      expect(waldur.length).toBeLessThanOrEqual(2);
    }
  });

  it('is empty past the end, and still knows the total', async () => {
    const gateway = await aGateway();
    const { pageInfo } = await page(gateway, '(last: 1)');
    const past = await page(gateway, `(first: 5, after: "${pageInfo.endCursor}")`);
    expect(past).toMatchObject({
      nodes: [],
      totalCount: 59,
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  it.each([
    ['before the page begins', 40],
    ['within the page', 52],
    ['at once', 0],
  ])('goes on backward in a list that has come to end %s', async (_where, left) => {
    const gateway = await aGateway();
    const { pageInfo } = await page(gateway, '(last: 1)');
    const { projects } = gateway.sandbox.waldur.world;
    const kept = projectNames(gateway).slice(0, left);
    for (const project of projects.filter(({ name }) => !kept.includes(name))) {
      project.isRemoved = true;
    }
    const before = await page(gateway, `(last: 10, before: "${pageInfo.startCursor}")`);
    expect(names(before)).toEqual(kept.slice(-10));
    expect(before.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: left > 10 });
    expect(before.totalCount).toBe(left);
  });

  it('may be asked for no entries at all', async () => {
    const gateway = await aGateway();
    expect(await page(gateway, '(first: 0)')).toMatchObject({
      nodes: [],
      edges: [],
      totalCount: 59,
    });
  });

  it('gives ties the same place on every page, though Waldur does not', async () => {
    const gateway = await aGateway();
    for (const project of gateway.sandbox.waldur.world.projects) {
      project.name = 'the same';
    }
    const query = '{ projects(first: 59, orderBy: [{ field: NAME }]) { nodes { uuid } } }';
    const whole = (await gateway.run(query)).data.projects.nodes;
    const pieces = [];
    let after = '';
    for (let at = 0; at < 6; at += 1) {
      const { data } = await gateway.run(
        `{ projects(first: 10${after}, orderBy: [{ field: NAME }]) { nodes { uuid } pageInfo { endCursor } } }`,
      );
      pieces.push(...data.projects.nodes);
      after = `, after: "${data.projects.pageInfo.endCursor}"`;
    }
    expect(pieces).toEqual(whole);
  });

  it('tells the page of a list without its entries in one call that carries one row', async () => {
    const gateway = await aGateway();
    const { waldur, answer } = await gateway.calls(
      '{ projects(first: 10) { pageInfo { endCursor hasNextPage } edges { cursor } } }',
    );
    expect(answer.data.projects.edges).toHaveLength(10);
    expect(answer.data.projects.pageInfo.endCursor).toBe(answer.data.projects.edges[9].cursor);
    expect(waldur.map(({ rows }) => rows)).toEqual([1]);
  });

  it('pages machines, which Danube does not', async () => {
    const gateway = await aGateway();
    const all = (
      await gateway.run('{ virtualMachines(first: 300) { nodes { hostname } totalCount } }')
    ).data.virtualMachines;
    expect(all.nodes).toHaveLength(all.totalCount);
    const tail = (await gateway.run('{ virtualMachines(last: 7) { nodes { hostname } } }')).data;
    expect(tail.virtualMachines.nodes).toEqual(all.nodes.slice(-7));
    const turned = await gateway.run(
      '{ virtualMachines(first: 3, orderBy: [{ field: HOSTNAME, direction: DESC }]) { nodes { hostname } } }',
    );
    expect(turned.data.virtualMachines.nodes).toEqual(all.nodes.slice(-3).reverse());
  });
});

describe('Arguments that make no sense', () => {
  it.each([
    ['(first: 1, last: 1)', ['last']],
    ['(first: -1)', ['first']],
    ['(last: -5)', ['last']],
    ['(first: 301)', ['first']],
    ['(after: "nonsense")', ['after']],
    ['(before: "MTo5OTk")', ['before']],
    ['(filter: { customers: ["xyz"] })', ['filter', 'customers']],
  ])('%s are refused with BAD_USER_INPUT and their path', async (args, argument) => {
    const gateway = await aGateway();
    const { errors } = await gateway.run(`{ projects${args} { totalCount } }`);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument });
  });

  it('include a cursor of a list with another filter', async () => {
    const gateway = await aGateway();
    const { pageInfo } = await page(gateway, '(first: 2)');
    const { errors } = await gateway.run(
      `{ projects(first: 2, after: "${pageInfo.endCursor}", filter: { name: "a" }) { totalCount } }`,
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: ['after'] });
  });

  it('are named in variables, too', async () => {
    const gateway = await aGateway();
    const { errors } = await gateway.run(
      'query Q($filter: SecurityGroupFilter) { securityGroups(filter: $filter) { totalCount } }',
      { variables: { filter: { tenant: 'not-a-uuid', state: ['OK'] } } },
    );
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: ['filter', 'tenant'],
    });
  });

  it.each([
    ['{ node(id: "abc") { id } }', ['id']],
    ['{ nodes(ids: ["MTpQcm9qZWN0Ong"]) { id } }', ['ids', '0']],
    [`{ nodes(ids: [${'"a",'.repeat(101)}]) { id } }`, ['ids']],
    ['{ task(taskId: "nonsense") { status } }', ['taskId']],
    ['{ virtualMachine { alias } }', ['hostname']],
    ['{ virtualMachine(hostname: "../dc") { alias } }', ['hostname']],
    ['{ virtualMachines(datacenter: "a/b") { totalCount } }', ['datacenter']],
    ['{ project(uuid: "123") { name } }', ['uuid']],
  ])('such as %s name the argument', async (query, argument) => {
    const gateway = await aGateway();
    const { errors } = await gateway.run(query);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument });
  });
});
