/** What a client is shown of how its answer came about. */

import { describe, expect, it } from 'vitest';
import { aGateway, type TestGateway } from '../a-gateway.ts';

const query =
  '{ projects(first: 20) { nodes { customer { name } securityGroups(first: 2) { totalCount nodes { tenant { name } } } } } }';

const explain = { headers: { 'x-explain': '1' } };

async function explained(gateway: TestGateway, text = query) {
  const made = await gateway.calls(text, explain);
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is its own business
  return { ...made, explain: (made.answer as any).extensions.explain };
}

describe('extensions.explain', () => {
  it('is there only for those who ask, by header or by extension', async () => {
    const gateway = await aGateway();
    expect(await gateway.run(query)).not.toHaveProperty('extensions');
    expect(await gateway.run(query, explain)).toHaveProperty('extensions.explain.calls');
    const { waldurToken } = gateway.sandbox.callers.staff;
    const response = await gateway.request({
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Token ${waldurToken}` },
      body: JSON.stringify({ query, extensions: { explain: true } }),
    });
    expect(await response.json()).toHaveProperty('extensions.explain.calls');
  });

  it('is there for nobody when it is switched off', async () => {
    const gateway = await aGateway({ env: { EXPLAIN: 'false' } });
    expect(await gateway.run(query, explain)).not.toHaveProperty('extensions');
  });

  it('lists the calls as they arrived, with rows and bytes', async () => {
    const gateway = await aGateway();
    const { explain: shown, waldur } = await explained(gateway);
    expect(
      shown.calls.map(({ method, path, status, rows }: Record<string, unknown>) => ({
        method,
        path,
        status,
        rows,
      })),
    ).toEqual(
      waldur.map(({ method, target, status, rows }) => ({ method, path: target, status, rows })),
    );
    for (const call of shown.calls) {
      expect(call).toMatchObject({ upstream: 'waldur', shared: false });
      expect(call.bytes).toBeGreaterThan(0);
      expect(call.durationMs).toBeGreaterThan(0);
    }
  });

  it('shows every plan with its cost, and which was taken', async () => {
    const gateway = await aGateway();
    const { explain: shown } = await explained(gateway);
    expect(shown.plans).toEqual([
      {
        collection: 'SecurityGroup',
        demand: 'lists of 20 by project',
        weighed: [
          { plan: 'seeks', calls: 20, rows: 40, cost: 2_010, taken: false },
          { plan: 'by customer_uuid', calls: 12, rows: 240, cost: 1_260, taken: false },
          { plan: 'scan', calls: 2, rows: 600, cost: 350, taken: true },
        ],
      },
    ]);
  });

  it('counts the links that cost nothing', async () => {
    const gateway = await aGateway();
    const { answer, explain: shown } = await explained(gateway);
    const groups = answer.data.projects.nodes.flatMap(
      ({ securityGroups }: { securityGroups: { nodes: unknown[] } }) => securityGroups.nodes,
    );
    expect(shown.freeLinks).toEqual({
      'Project.customer': 20,
      'SecurityGroup.tenant': groups.length,
    });
    expect(shown.topUps).toEqual([]);
  });

  it('says the same as text', async () => {
    const gateway = await aGateway();
    const { explain: shown } = await explained(gateway);
    expect(shown.text[0]).toBe('Plan SecurityGroup, lists of 20 by project');
    expect(shown.text).toContain('  → scan  calls=2 rows=600 cost=350');
    expect(shown.text.filter((line: string) => line.startsWith('Call GET /api/'))).toHaveLength(
      shown.calls.length,
    );
    expect(shown.text.at(-1)).toMatch(/^Free Project\.customer ×20, SecurityGroup\.tenant ×\d+$/);
  });

  it('tells of Danube, of failures and of changes', async () => {
    const gateway = await aGateway();
    const machines = await explained(
      gateway,
      '{ virtualMachines(datacenter: "main") { totalCount } }',
    );
    expect(machines.explain.calls).toMatchObject([
      { upstream: 'danube', path: '/api/vm/?dc=main', status: 200, rows: expect.any(Number) },
    ]);
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'reset' }, times: 3 });
    const broken = await explained(gateway, '{ projects { totalCount } }');
    expect(broken.explain.calls).toMatchObject([{ method: 'HEAD', status: null, bytes: 0 }]);
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'reset' }, times: 1 });
    const again = await explained(gateway, '{ projects { totalCount } }');
    expect(again.explain.calls).toMatchObject([{ method: 'HEAD', status: 200, tries: 2 }]);
    const change = await explained(
      gateway,
      `mutation { pullAllocation(uuid: "${'0'.repeat(32)}") { __typename } }`,
    );
    expect(change.explain.calls).toMatchObject([{ method: 'POST', status: 404 }]);
  });

  it('holds no credential', async () => {
    const gateway = await aGateway({ env: { DANUBE_API_KEY: 'service-key' } });
    const { answer } = await explained(
      gateway,
      `{ viewer { username } virtualMachines { totalCount } }`,
    );
    const text = JSON.stringify(answer);
    for (const { waldurToken, danubeApiKey } of Object.values(gateway.sandbox.callers)) {
      expect(text).not.toContain(waldurToken);
      expect(text).not.toContain(danubeApiKey);
    }
    expect(text).not.toContain('service-key');
  });
});
