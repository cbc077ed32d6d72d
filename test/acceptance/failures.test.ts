/** What a client is told when a cloud does not answer, and what it gets all the same. */

import { describe, expect, it } from 'vitest';
import type { Fault, ReceivedCall, Answer as SandboxAnswer } from '../../src/sandbox/server.ts';
import { aGateway, type GatewayOptions } from '../a-gateway.ts';

const answering = (
  status: number,
  body: string,
  headers: SandboxAnswer['headers'] = { 'content-type': 'application/json' },
): Fault => ({ kind: 'answer', answer: { status, body, headers } });

const html = { 'content-type': 'text/html' };

const faults: [string, Fault, Record<string, unknown>][] = [
  ['400', answering(400, '{"state":["Select a valid choice."]}'), { code: 'BAD_USER_INPUT' }],
  ['401', answering(401, '{"detail":"Invalid token."}'), { code: 'UNAUTHENTICATED' }],
  ['403', answering(403, '{"detail":"No."}'), { code: 'FORBIDDEN' }],
  [
    '429',
    answering(429, '{"detail":"Slow down."}', {
      'content-type': 'application/json',
      // Longer than the operation has.
      'retry-after': '40',
    }),
    { code: 'RATE_LIMITED', retryAfterSeconds: 40 },
  ],
  ['500 with HTML', answering(500, '<h1>Server Error</h1>', html), { code: 'UPSTREAM_FAILED' }],
  ['502 with HTML', answering(502, '<h1>Bad Gateway</h1>', html), { code: 'UPSTREAM_FAILED' }],
  ['200 with HTML', answering(200, '<h1>Welcome</h1>', html), { code: 'UPSTREAM_FAILED' }],
  ['broken JSON', answering(200, '[{"uuid": "5'), { code: 'UPSTREAM_FAILED' }],
  ['the wrong JSON', answering(200, '42'), { code: 'UPSTREAM_FAILED' }],
  [
    'a redirect',
    answering(302, '', { location: 'http://127.0.0.1:1/' }),
    { code: 'UPSTREAM_FAILED' },
  ],
  ['an empty answer', answering(200, ''), { code: 'UPSTREAM_FAILED' }],
  ['a reset', { kind: 'reset' }, { code: 'UPSTREAM_UNAVAILABLE' }],
  ['half an answer', { kind: 'truncate', share: 0.5 }, { code: 'UPSTREAM_UNAVAILABLE' }],
];

const both = `{
  securityGroups(first: 1) { nodes { name } }
  virtualMachines(datacenter: "main", first: 1) { nodes { hostname } }
}`;

describe.each(faults)('Waldur answering with %s', (_name, fault, extensions) => {
  it('fails its own field, with path, code and upstream, and leaves Danube its own', async () => {
    const gateway = await aGateway();
    gateway.sandbox.waldur.server.inject({ fault });
    const { data, errors } = await gateway.run(both);
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['securityGroups'],
        extensions: { ...extensions, upstream: 'waldur' },
      }),
    ]);
    expect(data.securityGroups).toBeNull();
    expect(data.virtualMachines.nodes).toHaveLength(1);
  });
});

describe.each([
  [
    'its text for lost credentials',
    answering(403, '{"detail":"Authentication credentials were not provided."}'),
    'UNAUTHENTICATED',
  ],
  ['a refusal', answering(403, '{"detail":"Permission denied"}'), 'FORBIDDEN'],
  ['bare text that calls itself JSON', answering(500, 'Server Error'), 'UPSTREAM_FAILED'],
  [
    'an update under way',
    answering(503, '{"detail":"System update in progress"}'),
    'UPSTREAM_UNAVAILABLE',
  ],
  ['a 404 for a list', answering(404, '{"detail":"Datacenter not found"}'), 'NOT_FOUND'],
  [
    'a failed task',
    answering(400, '{"task_id":"1e1d1-a","status":"FAILURE","result":"x"}'),
    'UPSTREAM_FAILED',
  ],
  ['a reset', { kind: 'reset' } as Fault, 'UPSTREAM_UNAVAILABLE'],
])('Danube answering with %s', (_name, fault, code) => {
  it('fails its own field, and leaves Waldur its own', async () => {
    const gateway = await aGateway();
    gateway.sandbox.danube.server.inject({ fault });
    const { data, errors } = await gateway.run(both);
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['virtualMachines'],
        extensions: { code, upstream: 'danube' },
      }),
    ]);
    expect(data.securityGroups.nodes).toHaveLength(1);
  });
});

describe('Danube asked too often', () => {
  it('is RATE_LIMITED with the seconds to wait', async () => {
    const gateway = await aGateway({ danubeCallsPerMinute: 2 });
    const query = '{ virtualMachines(datacenter: "main", first: 1) { totalCount } }';
    await gateway.run(query);
    await gateway.run(query);
    const { errors } = await gateway.run(query);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      upstream: 'danube',
      retryAfterSeconds: expect.any(Number),
    });
  });
});

describe('What is not there', () => {
  it.each(['customer', 'project', 'tenant', 'securityGroup', 'serverGroup', 'allocation'])(
    'is null without an error: %s',
    async (field) => {
      const gateway = await aGateway();
      const answer = await gateway.run(`{ ${field}(uuid: "${'0'.repeat(32)}") { uuid } }`);
      expect(answer).toEqual({ data: { [field]: null } });
    },
  );

  it('is null without an error: a machine', async () => {
    const gateway = await aGateway();
    const answer = await gateway.run('{ virtualMachine(hostname: "nobody.lan") { uuid } }');
    expect(answer).toEqual({ data: { virtualMachine: null } });
  });

  it('is null for a machine whose tag leads to a project that is gone', async () => {
    const gateway = await aGateway();
    const machine = gateway.sandbox.danube.world.machines.find(
      ({ datacenter }) => datacenter.id === 1,
    );
    machine?.tags.splice(0, 9, `waldur:project:${'0'.repeat(31)}1`);
    const answer = await gateway.run(
      `{ virtualMachine(hostname: "${machine?.hostname}") { project { name } } }`,
    );
    expect(answer).toEqual({ data: { virtualMachine: { project: null } } });
  });
});

describe('A value of the wrong type', () => {
  it('fails its field alone, with its path', async () => {
    const gateway = await aGateway();
    gateway.sandbox.waldur.server.inject({
      fault: {
        kind: 'change',
        change: (answer) => ({
          ...answer,
          body: answer.body?.replace(/"backend_id":"[^"]*"/, '"backend_id":17') ?? '',
        }),
      },
    });
    const { data, errors } = await gateway.run(
      '{ allocations(first: 3, filter: { state: [OK] }) { nodes { name backendId } } }',
    );
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['allocations', 'nodes', 0, 'backendId'],
        extensions: { code: 'UPSTREAM_FAILED', upstream: 'waldur' },
      }),
    ]);
    expect(data.allocations.nodes.map(({ backendId }: { backendId: string }) => backendId)).toEqual(
      [null, expect.any(String), expect.any(String)],
    );
  });
});

describe('A list that many rows wait for', () => {
  it('fails the fields of all of them with what the cloud has said, and nothing beside', async () => {
    const gateway = await aGateway();
    const isList = ({ path }: ReceivedCall) => path === '/api/projects/';
    gateway.sandbox.waldur.server.inject({
      fault: answering(403, '{"detail":"No."}'),
      when: isList,
    });
    const { answer, waldur } = await gateway.calls(
      '{ securityGroups(first: 50) { nodes { name project { uuid startDate } } } }',
    );
    expect(waldur.some(isList)).toBe(true);
    const failed = new Set(answer.errors?.map(({ extensions }) => JSON.stringify(extensions)));
    expect([...failed]).toEqual(['{"code":"FORBIDDEN","upstream":"waldur"}']);
    expect(answer.data.securityGroups.nodes).toHaveLength(50);
    for (const { name, project } of answer.data.securityGroups.nodes) {
      expect([name, project]).toEqual([
        expect.any(String),
        { uuid: expect.any(String), startDate: null },
      ]);
    }
  });
});

describe('An upstream that is not there', () => {
  it('is UPSTREAM_UNAVAILABLE when nobody listens', async () => {
    const gateway = await aGateway({ env: { WALDUR_URL: 'http://127.0.0.1:1' } });
    const { data, errors } = await gateway.run(both);
    expect(errors?.[0]).toMatchObject({
      path: ['securityGroups'],
      extensions: { code: 'UPSTREAM_UNAVAILABLE', upstream: 'waldur' },
    });
    expect(data.virtualMachines.nodes).toHaveLength(1);
  });

  it.each<[GatewayOptions['without'], string]>([
    ['waldur', 'securityGroups'],
    ['danube', 'virtualMachines'],
  ])('is UPSTREAM_NOT_CONFIGURED when %s is left out', async (without, field) => {
    const gateway = await aGateway({ ...(without === undefined ? {} : { without }) });
    const { data, errors } = await gateway.run(both);
    expect(errors).toEqual([
      expect.objectContaining({
        path: [field],
        extensions: { code: 'UPSTREAM_NOT_CONFIGURED', upstream: without },
      }),
    ]);
    expect(Object.values(data).filter(Boolean)).toHaveLength(1);
  });
});

describe('An upstream that is too slow', () => {
  it('is UPSTREAM_TIMEOUT once the time set for an answer is over', async () => {
    const gateway = await aGateway({ env: { UPSTREAM_TIMEOUT_MS: '100' } });
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'hang' } });
    const { data, errors } = await gateway.run(both);
    expect(errors?.[0]).toMatchObject({
      path: ['securityGroups'],
      extensions: { code: 'UPSTREAM_TIMEOUT', upstream: 'waldur' },
    });
    expect(data.virtualMachines.nodes).toHaveLength(1);
  });
});
