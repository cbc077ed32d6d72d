/** What operators see of a gateway: metrics, and a line in the log for each operation. */

import { describe, expect, it } from 'vitest';
import { aGateway, type TestGateway } from '../a-gateway.ts';

/** Values by name and labels, e.g. `stratograph_free_links_total`, `…_count{type="query"}`. */
async function metricsOf({ url, operators }: TestGateway): Promise<Map<string, number>> {
  const response = await fetch(new URL('/metrics', operators ?? url));
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** All with such a name, as label text to value. */
function named(metrics: Map<string, number>, name: string): Record<string, number> {
  return Object.fromEntries([...metrics].filter(([line]) => line.startsWith(`${name}{`)));
}

const linked =
  'query Linked { securityGroups(first: 5) { nodes { name project { name } tenant { quotas { name } } } } }';

describe('The metrics', () => {
  it('tell of operations by name where the name is known, and by what has come of them', async () => {
    const gateway = await aGateway({ env: { METRICS_OPERATIONS: 'Linked' } });
    await gateway.run(linked);
    await gateway.run('query Made_up { projects { totalCount } }');
    await gateway.run('{ projects { totalCount } }');
    await gateway.run('query Linked { projects { totalCount } virtualMachines { totalCount } }', {
      headers: { 'x-danube-api-key': 'wrong' },
    });
    const metrics = await metricsOf(gateway);
    expect(named(metrics, 'stratograph_operation_duration_seconds_count')).toEqual({
      'stratograph_operation_duration_seconds_count{operation="Linked",type="query",outcome="ok"}': 1,
      'stratograph_operation_duration_seconds_count{operation="other",type="query",outcome="ok"}': 1,
      'stratograph_operation_duration_seconds_count{operation="anonymous",type="query",outcome="ok"}': 1,
      'stratograph_operation_duration_seconds_count{operation="Linked",type="query",outcome="partial"}': 1,
    });
    expect(named(metrics, 'stratograph_errors_total')).toEqual({
      // There from the start, so that the first of its kind is seen.
      'stratograph_errors_total{code="INTERNAL_SERVER_ERROR"}': 0,
      'stratograph_errors_total{code="UNAUTHENTICATED"}': 1,
    });
    expect(metrics.get('stratograph_http_responses_total{status="200"}')).toBe(4);
  });

  it('count what is refused before anything is executed, and the log has a line for it', async () => {
    const gateway = await aGateway({ env: { MAX_COST: '50' } });
    await gateway.run('{ projects(first: 100) { nodes { name } } }');
    await gateway.run('{ nothingOfTheKind }');
    await gateway.run('{ projects {');
    const metrics = await metricsOf(gateway);
    const errors = named(metrics, 'stratograph_errors_total');
    expect(
      Object.entries(errors)
        .filter(([, count]) => count > 0)
        .sort(),
    ).toEqual([
      ['stratograph_errors_total{code="GRAPHQL_PARSE_FAILED"}', 1],
      ['stratograph_errors_total{code="GRAPHQL_VALIDATION_FAILED"}', 1],
      ['stratograph_errors_total{code="LIMIT_EXCEEDED"}', 1],
    ]);
    const failed = 'stratograph_operation_duration_seconds_count';
    expect(metrics.get(`${failed}{operation="anonymous",type="query",outcome="failed"}`)).toBe(1);
    const lines = gateway.logged.map((line) => JSON.parse(line));
    expect(lines.filter(({ msg }) => msg === 'refused').map(({ codes }) => codes)).toEqual([
      ['GRAPHQL_VALIDATION_FAILED'],
      ['GRAPHQL_PARSE_FAILED'],
    ]);
  });

  it('do not grow with the names that clients make up', async () => {
    const gateway = await aGateway();
    const before = await metricsOf(gateway);
    await gateway.run('query Before { __typename }');
    const first = await metricsOf(gateway);
    for (let batch = 0; batch < 100; batch += 1) {
      await Promise.all(
        Array.from({ length: 100 }, (_, one) =>
          gateway.run(`query Made_up_${batch}_${one} { __typename }`),
        ),
      );
    }
    const last = await metricsOf(gateway);
    expect([...last.keys()].filter((line) => line.startsWith('stratograph'))).toEqual(
      [...first.keys()].filter((line) => line.startsWith('stratograph')),
    );
    expect(first.size).toBeGreaterThan(before.size);
    expect(
      last.get(
        'stratograph_operation_duration_seconds_count{operation="other",type="query",outcome="ok"}',
      ),
    ).toBe(10_001);
  }, 60_000);

  it('tell of calls by endpoint, never by what was asked for, with their rows and bytes', async () => {
    const gateway = await aGateway();
    const { waldur } = await gateway.calls(linked);
    const [uuid] = gateway.sandbox.waldur.world.securityGroups.map((group) => group.uuid);
    await gateway.run(`{ securityGroup(uuid: "${uuid}") { name } }`);
    await gateway.run('{ virtualMachine(hostname: "none.lan") { hostname } }');
    const metrics = await metricsOf(gateway);
    const label = (route: string) => `upstream="waldur",method="GET",route="${route}",status="2xx"`;
    const count = 'stratograph_upstream_call_duration_seconds_count';
    expect(metrics.get(`${count}{${label('/api/openstack-security-groups/')}}`)).toBe(1);
    expect(metrics.get(`${count}{${label('/api/openstack-security-groups/{uuid}/')}}`)).toBe(1);
    const routes = Object.keys(named(metrics, count)).join('\n');
    expect(routes).toContain('upstream="danube",method="GET",route="/api/vm/{hostname}/"');
    const rows = (path: string) =>
      waldur
        .filter(({ target }) => target.startsWith(path))
        .reduce((sum, one) => sum + (one.rows ?? 0), 0);
    expect(
      metrics.get(
        'stratograph_upstream_rows_total{upstream="waldur",route="/api/openstack-security-groups/"}',
      ),
    ).toBe(rows('/api/openstack-security-groups/'));
    expect(
      metrics.get(
        'stratograph_upstream_bytes_total{upstream="waldur",route="/api/openstack-security-groups/"}',
      ),
    ).toBeGreaterThan(100);
  });

  it('count links that cost nothing, batches, and what was shared', async () => {
    const gateway = await aGateway();
    await gateway.run(linked);
    const held = Promise.withResolvers<void>();
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'hold', until: held.promise } });
    const same = Array.from({ length: 3 }, () => gateway.run('{ projects { totalCount } }'));
    const other = gateway.run('{ again: projects { totalCount } }');
    await expect.poll(() => gateway.vitals().underWay).toBeGreaterThan(0);
    held.resolve();
    await Promise.all([...same, other]);
    const metrics = await metricsOf(gateway);
    expect(metrics.get('stratograph_free_links_total')).toBe(5);
    expect(metrics.get('stratograph_top_ups_total')).toBe(0);
    expect(
      Object.keys(named(metrics, 'stratograph_batch_size_count')).some((line) =>
        line.includes('noun="Tenant"'),
      ),
    ).toBe(true);
    expect(metrics.get('stratograph_joined_operations_total')).toBe(2);
    expect(metrics.get('stratograph_shared_calls_total{upstream="waldur"}')).toBe(1);
  });

  it('count a call that fails once, with how often it was sent again', async () => {
    const gateway = await aGateway({ env: { UPSTREAM_RETRIES: '2' } });
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'reset' }, times: 3 });
    await gateway.run('{ projects(first: 1) { nodes { name } } }');
    const metrics = await metricsOf(gateway);
    expect(named(metrics, 'stratograph_upstream_retries_total')).toEqual({
      'stratograph_upstream_retries_total{upstream="waldur"}': 2,
      'stratograph_upstream_retries_total{upstream="danube"}': 0,
    });
    expect(named(metrics, 'stratograph_upstream_call_duration_seconds_count')).toEqual({
      'stratograph_upstream_call_duration_seconds_count{upstream="waldur",method="GET",route="/api/projects/",status="none"}': 1,
    });
  });

  it('show the state of the circuits, the budget, and who listens', async () => {
    const gateway = await aGateway({ danubeCallsPerMinute: 45 });
    await gateway.run('{ virtualMachines(datacenter: "main", first: 1) { nodes { hostname } } }');
    const metrics = await metricsOf(gateway);
    expect(metrics.get('stratograph_budget_left{upstream="danube"}')).toBe(44);
    expect(metrics.get('stratograph_circuit_state{upstream="waldur",state="closed"}')).toBe(1);
    expect(metrics.get('stratograph_circuit_state{upstream="waldur",state="open"}')).toBe(0);
    expect(metrics.get('stratograph_open_subscriptions')).toBe(0);
    expect(metrics.get('stratograph_event_loop_lag_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('are on a port of their own when there is one, with the health, and nothing else', async () => {
    const gateway = await aGateway({ env: { METRICS_PORT: '0' } });
    expect((await metricsOf(gateway)).size).toBeGreaterThan(10);
    const status = async (base: string | undefined, path: string) =>
      (await fetch(new URL(path, base))).status;
    expect(await status(gateway.operators, '/health/ready')).toBe(200);
    expect(await status(gateway.operators, '/graphql')).toBe(404);
    expect(await status(gateway.url, '/metrics')).toBe(404);
    expect(await status(gateway.url, '/health/ready')).toBe(200);
  });

  it('are nowhere when they are switched off', async () => {
    const gateway = await aGateway({ env: { METRICS: 'false' } });
    expect((await fetch(new URL('/metrics', gateway.url))).status).toBe(404);
  });
});

describe('The log', () => {
  const lines = ({ logged }: TestGateway) =>
    logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');

  it('has one line for each operation, with whose it was and what it cost', async () => {
    const gateway = await aGateway();
    await gateway.run(linked, { headers: { 'x-request-id': 'from-the-client' } });
    await gateway.run('{ projects { totalCount } }', { as: 'member' });
    const [first, second, ...more] = lines(gateway);
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      requestId: 'from-the-client',
      operation: 'Linked',
      type: 'query',
      outcome: 'ok',
      errors: 0,
      shared: 0,
    });
    expect(first).not.toHaveProperty('topUps');
    expect(first.calls).toBeGreaterThan(1);
    expect(first.cost).toBeGreaterThan(0);
    expect(second).toMatchObject({ operation: null, calls: 1 });
    expect(second.caller).not.toBe(first.caller);
  });

  it('has the id that the answer has, and none that would not fit into a line', async () => {
    const gateway = await aGateway();
    const send = (id: string) =>
      gateway.request({
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': id },
        body: '{"query":"{ __typename }"}',
      });
    expect((await send('a-1')).headers.get('x-request-id')).toBe('a-1');
    const made = (await send('no spaces, please')).headers.get('x-request-id');
    expect(made).toMatch(/^[0-9a-f-]{36}$/);
    expect(lines(gateway).map(({ requestId }) => requestId)).toEqual(['a-1', made]);
  });
});
