/** Collections that change while their pages are read. */

import { describe, expect, it } from 'vitest';
import type { SecurityGroup } from '../../src/sandbox/waldur/model.ts';
import { aGateway, type TestGateway } from '../a-gateway.ts';

const nested =
  '{ projects(first: 60) { nodes { uuid securityGroups(first: 100) { totalCount nodes { uuid } } } } }';

/** One that is created before all others. */
function comeFirst(rows: SecurityGroup[]): void {
  const [first] = rows as [SecurityGroup];
  rows.unshift({ ...first, uuid: 'f'.repeat(32), created: '2001-01-01T00:00:00' });
}

/** Changes the world once, right after the first page of the scan has been answered. */
function afterFirstPage(gateway: TestGateway, change: (rows: SecurityGroup[]) => void) {
  const { server, world } = gateway.sandbox.waldur;
  server.inject({
    times: 1,
    when: ({ path, query }) =>
      path === '/api/openstack-security-groups/' && query.get('page_size') === '300',
    fault: {
      kind: 'change',
      change: (answer) => {
        world.securityGroups.sort((one, other) => (one.created < other.created ? -1 : 1));
        change(world.securityGroups);
        return answer;
      },
    },
  });
}

/** What each project has now, by uuid. */
function listsIn({ sandbox }: TestGateway): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const { project, uuid } of sandbox.waldur.world.securityGroups) {
    lists.set(project.uuid, [...(lists.get(project.uuid) ?? []), uuid]);
  }
  return lists;
}

describe('Nested lists that are read together', () => {
  it.each<[string, number, (rows: SecurityGroup[]) => void]>([
    ['a row of the first page goes', 700, (rows) => void rows.splice(5, 1)],
    ['the last page goes', 301, (rows) => void rows.splice(5, 3)],
    ['a row comes before the second page', 700, comeFirst],
    [
      'a row comes before the second page and the last goes, so that the total stays',
      700,
      (rows) => {
        comeFirst(rows);
        rows.pop();
      },
    ],
  ])('are right when %s meanwhile', async (_change, securityGroups, change) => {
    const gateway = await aGateway({ sizes: { securityGroups, projects: 60 } });
    afterFirstPage(gateway, change);
    const { data, errors } = await gateway.run(nested);
    expect(errors).toBeUndefined();
    const lists = listsIn(gateway);
    for (const { uuid, securityGroups: list } of data.projects.nodes) {
      const now = lists.get(uuid) ?? [];
      expect(list.totalCount).toBe(now.length);
      expect(list.nodes.map((node: { uuid: string }) => node.uuid)).toEqual(now);
    }
  });
});

describe('A list of two pages', () => {
  it('shows no row twice that moves from one to the other', async () => {
    const gateway = await aGateway({
      sizes: { securityGroups: 700 },
      // One page after the other.
      env: { CALLS_AT_A_TIME: '1' },
    });
    const list = (page: string) =>
      `{ securityGroups(${page}) { nodes { uuid } pageInfo { endCursor } } }`;
    const before = await gateway.run(list('first: 3'));
    const after = before.data.securityGroups.pageInfo.endCursor;
    afterFirstPage(gateway, comeFirst);
    const { data, errors } = await gateway.run(list(`first: 300, after: "${after}"`));
    expect(errors).toBeUndefined();
    const uuids = data.securityGroups.nodes.map(({ uuid }: { uuid: string }) => uuid);
    expect(uuids).toHaveLength(300);
    expect(new Set(uuids).size).toBe(300);
  });
});

describe('Rows by uuid that are looked for in a scan', () => {
  const byId = (uuids: readonly string[]) =>
    `{ nodes(ids: ${JSON.stringify(
      uuids.map((uuid) => Buffer.from(`1:SecurityGroup:${uuid}`).toString('base64url')),
    )}) { ... on SecurityGroup { uuid name } } }`;

  it('are found when they move between its pages, and null when they go', async () => {
    const gateway = await aGateway({ sizes: { securityGroups: 400 } });
    const { world } = gateway.sandbox.waldur;
    const sorted = [...world.securityGroups].sort((a, b) => (a.created < b.created ? -1 : 1));
    const sought = sorted.slice(295, 325).map(({ uuid }) => uuid);
    afterFirstPage(gateway, (rows) => void rows.splice(0, 3));
    const { data, errors } = await gateway.run(byId([...sought, 'e'.repeat(32)]));
    expect(errors).toBeUndefined();
    expect(data.nodes.map((node: { uuid: string } | null) => node?.uuid ?? null)).toEqual([
      ...sought,
      null,
    ]);
  });
});
