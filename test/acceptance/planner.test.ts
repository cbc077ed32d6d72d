/** What the planner promises, counted where the calls arrive. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aGateway, type TestGateway } from '../a-gateway.ts';
import { type PlannedQuery, plannedQueries } from './planned-queries.ts';

/** The table of docs/planning.md, by title: calls on 1,000, 10,000 and 100,000 security groups. */
const table = new Map(
  readFileSync(new URL('../../docs/planning.md', import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 7)
    .map(([, title = '', , ...counts]) => [title, counts.slice(0, 3).map(Number)]),
);

const sizes = { customers: 20, projects: 100, tenants: 50, securityGroups: 1_000 };

async function callsOf({ query }: PlannedQuery, gateway: TestGateway) {
  const { answer, waldur } = await gateway.calls(query(gateway.sandbox.waldur.world));
  expect(answer.errors).toBeUndefined();
  // The longest request line that Waldur's web server would have to take.
  const line = Math.max(
    ...waldur.map(({ method, target }) => `${method} ${target} HTTP/1.1`.length),
  );
  expect(line).toBeLessThanOrEqual(4_000);
  return waldur;
}

describe('On 1,000 security groups', () => {
  it.each(plannedQueries)('$title: $most calls at most', async (planned) => {
    const gateway = await aGateway({ sizes });
    const calls = await callsOf(planned, gateway);
    expect(calls.length).toBeLessThanOrEqual(planned.most);
    expect(calls.length).toBe(table.get(planned.title)?.[0]);
  });
});

describe('On 100,000 security groups', () => {
  it.each(plannedQueries)('$title: $mostOfMany calls at most', async (planned) => {
    const gateway = await aGateway({ sizes: { ...sizes, securityGroups: 100_000 } });
    const calls = await callsOf(planned, gateway);
    expect(calls.length).toBeLessThanOrEqual(planned.mostOfMany);
    expect(calls.length).toBe(table.get(planned.title)?.[2]);
  });
});

describe('A request line that would be too long', () => {
  const customers = (count: number) =>
    Array.from({ length: count }, (_, at) => at.toString(16).padStart(32, '0'));
  const query =
    'query Q($customers: [UUID!]) { projects(filter: { customers: $customers }) { nodes { name } } }';

  it('is refused with what is too long by how much, and not sent', async () => {
    const gateway = await aGateway();
    const { answer, waldur } = await gateway.calls(query, {
      variables: { customers: customers(150) },
    });
    expect(answer.errors?.[0]).toMatchObject({
      message: expect.stringMatching(/too long by \d+ bytes/),
      path: ['projects'],
      extensions: { code: 'BAD_USER_INPUT', upstream: 'waldur' },
    });
    expect(waldur).toEqual([]);
  });

  it('does not come of a hundred owners', async () => {
    const gateway = await aGateway();
    const { answer } = await gateway.calls(query, { variables: { customers: customers(100) } });
    expect(answer.errors).toBeUndefined();
  });

  it.each([
    ['of any order', ['START_DATE', 'END_DATE']],
    ['of a key that is named again and again', Array.from({ length: 60 }, () => 'START_DATE')],
  ])('does not come %s, on any page', async (_what, keys) => {
    const gateway = await aGateway({ sizes: { customers: 600, projects: 2_500 } });
    // How many there are is known by then: lists of many customers cost less than all projects.
    await gateway.run('{ projects(first: 1) { nodes { name } } }');
    const { answer, waldur } = await gateway.calls(
      `query Q($orderBy: [ProjectOrder!]) { customers(first: 117) { nodes {
        projects(first: 10, orderBy: $orderBy) { nodes { name description } }
      } } }`,
      { variables: { orderBy: keys.map((field) => ({ field, direction: 'DESC' })) } },
    );
    expect(answer.errors?.[0]).toBeUndefined();
    const lists = waldur.filter(({ path }) => path === '/api/projects/');
    expect(lists.some(({ query }) => query.has('customer') && query.has('page'))).toBe(true);
  });
});
