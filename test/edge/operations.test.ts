/** What becomes of operations: known beforehand, left by their clients, too many at once. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { aGateway, type TestGateway } from '../a-gateway.ts';
import { aRunningProcess } from '../a-process.ts';
import { addStaff } from '../many-staff.ts';

function aFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'stratograph-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'manifest.json');
  writeFileSync(path, text);
  return path;
}

const post = async (gateway: TestGateway, body: object) => {
  const response = await gateway.request({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Token ${gateway.sandbox.callers.staff.waldurToken}`,
    },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is its own business
  return (await response.json()) as any;
};

describe('Operations of a manifest', () => {
  const document = 'query Names($n: Int) { projects(first: $n) { nodes { name } } }';
  const own = JSON.stringify({ abc: document });
  const apollo = JSON.stringify({
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [{ id: 'abc', name: 'Names', type: 'query', body: document }],
  });

  it.each([
    ['by id', own, { id: 'abc' }],
    ['by documentId', own, { documentId: 'abc' }],
    [
      'as Apollo asks for them',
      apollo,
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } },
    ],
  ])('are answered %s', async (_name, manifest, asked) => {
    const gateway = await aGateway({ env: { PERSISTED_OPERATIONS: aFile(manifest) } });
    const { data } = await post(gateway, { ...asked, variables: { n: 2 } });
    expect(data.projects.nodes).toHaveLength(2);
    expect((await post(gateway, { query: '{ __typename }' })).data).toBeDefined();
    expect((await post(gateway, { id: 'unknown' })).errors[0].extensions.code).toBe(
      'PERSISTED_QUERY_NOT_IN_LIST',
    );
  });

  it('are the only ones, where that is set', async () => {
    const env = { PERSISTED_OPERATIONS: aFile(own), PERSISTED_OPERATIONS_ONLY: 'true' };
    const gateway = await aGateway({ env });
    expect((await post(gateway, { id: 'abc' })).errors).toBeUndefined();
    const { data, errors } = await post(gateway, { query: '{ __typename }' });
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_ONLY' } }]);
    expect((await post(gateway, {})).errors[0].extensions.code).toBe('PERSISTED_QUERY_ID_REQUIRED');
  });

  it.each(['not JSON', '[]', '{"a": 7}'])(
    'that are %s are a fault of the settings',
    async (text) => {
      await expect(aGateway({ env: { PERSISTED_OPERATIONS: aFile(text) } })).rejects.toThrow(
        'PERSISTED_OPERATIONS',
      );
      await expect(aGateway({ env: { PERSISTED_OPERATIONS: '/nowhere' } })).rejects.toThrow(
        'PERSISTED_OPERATIONS',
      );
    },
  );
});

describe('A client that leaves', () => {
  it('does not stop its mutation, whose outcome is in the log', async () => {
    const gateway = await aGateway();
    const [allocation] = gateway.sandbox.waldur.world.allocations;
    Object.assign(allocation ?? {}, { state: 'OK', name: 'before' });
    const held = Promise.withResolvers<void>();
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'hold', until: held.promise } });
    const leaving = new AbortController();
    const left = gateway
      .run(
        `mutation Rename { updateAllocation(input: { uuid: "${allocation?.uuid}", name: "after" }) { __typename } }`,
        { signal: leaving.signal },
      )
      .catch(() => 'left');
    await expect.poll(() => gateway.sandbox.waldur.server.calls.length).toBe(1);
    leaving.abort();
    expect(await left).toBe('left');
    held.resolve();
    await expect
      .poll(() => gateway.logged.find((line) => line.includes('"Rename"')))
      .toContain('"outcomes":["updateAllocation: success"]');
    expect(allocation?.name).toBe('after');
  });
});

describe('A client that leaves its query', () => {
  it.each([
    ['in the common form', {}],
    ['in another', { origin: 'https://app.example.com' }],
  ])('%s ends it, and that is told', async (_form, headers) => {
    const gateway = await aGateway({ env: { OPERATION_TIMEOUT_MS: '3600000' } });
    const held = Promise.withResolvers<void>();
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'hold', until: held.promise } });
    const leaving = new AbortController();
    const left = gateway
      .run('query Left { projects { nodes { name } } }', { signal: leaving.signal, headers })
      .catch(() => 'left');
    await expect.poll(() => gateway.sandbox.waldur.server.calls.length).toBe(1);
    leaving.abort();
    expect(await left).toBe('left');
    const line = () => gateway.logged.find((one) => one.includes('"Left"')) ?? '{}';
    await expect.poll(() => JSON.parse(line())).toMatchObject({ outcome: 'left', errors: 1 });
    held.resolve();
  });

  it('does not keep the process from its end', async () => {
    const sandbox = await openSandbox();
    onTestFinished(() => sandbox.close());
    const held = Promise.withResolvers<void>();
    onTestFinished(() => held.resolve());
    const { url: waldur } = sandbox.waldur.server;
    const { child, exit, url } = await aRunningProcess([], {
      WALDUR_URL: waldur,
      OPERATION_TIMEOUT_MS: '3600000',
    });
    sandbox.waldur.server.inject({ fault: { kind: 'hold', until: held.promise } });
    const leaving = new AbortController();
    const left = fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Token ${sandbox.callers.staff.waldurToken}`,
      },
      body: JSON.stringify({ query: '{ projects { nodes { name } } }' }),
      signal: leaving.signal,
    }).catch(() => 'left');
    await expect.poll(() => sandbox.waldur.server.calls.length).toBe(1);
    leaving.abort();
    expect(await left).toBe('left');
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });
});

describe('A process that cannot keep up', () => {
  it('says so at once, and is asked again later', async () => {
    const gateway = await aGateway({ env: { MAX_LAG_MS: '20' } });
    const until = performance.now() + 1_000;
    while (performance.now() < until) {
      // Nothing else can happen meanwhile.
    }
    // The timer that notices comes first.
    await new Promise((resolve) => setTimeout(resolve, 110));
    const response = await gateway.request({ method: 'GET' }, '');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    const health = await fetch(new URL('/health/ready', gateway.url));
    expect(await health.json()).toMatchObject({
      ready: false,
      reasons: [expect.stringMatching(/^overloaded: \d+ ms late$/)],
    });
    await expect
      .poll(async () => (await gateway.request({ method: 'GET' }, '')).status, { timeout: 5_000 })
      .not.toBe(503);
  });
});

describe('Calls that wait', () => {
  it('are refused from a number on, at once', async () => {
    const gateway = await aGateway({ env: { MAX_CALLS: '2', UPSTREAM_RETRIES: '0' } });
    const held = Promise.withResolvers<void>();
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'hold', until: held.promise } });
    const waiting = ['projects', 'customers'].map((list) =>
      gateway.run(`{ ${list} { totalCount } }`),
    );
    await expect.poll(() => gateway.sandbox.waldur.server.calls.length).toBe(2);
    const { errors } = await gateway.run('{ tenants { totalCount } }');
    expect(errors?.[0]?.extensions).toEqual({ code: 'UPSTREAM_UNAVAILABLE', upstream: 'waldur' });
    held.resolve();
    for (const { errors: none } of await Promise.all(waiting)) {
      expect(none).toBeUndefined();
    }
  });
});

describe('Many callers who come at once', () => {
  it('are all answered, each with a page of lists', async () => {
    const gateway = await aGateway();
    const tokens = addStaff(gateway.sandbox.waldur.world, 64);
    const lists = Array.from(
      { length: 20 },
      (_, at) => `a${at}: projects(first: ${at + 1}) { nodes { uuid } }`,
    );
    const held = Promise.withResolvers<void>();
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'hold', until: held.promise } });
    const answers = tokens.map((token) =>
      gateway.run(`{ ${lists.join(' ')} }`, { headers: { authorization: `Token ${token}` } }),
    );
    const callsThere = async () => {
      const metrics = await (await fetch(new URL('/metrics', gateway.url))).text();
      const phases = metrics.matchAll(/upstream_calls\{upstream="waldur"[^}]*\} (\d+)/g);
      return [...phases].reduce((sum, [, calls]) => sum + Number(calls), 0);
    };
    await expect.poll(callsThere, { timeout: 10_000 }).toBe(64 * 20);
    held.resolve();
    for (const { data, errors } of await Promise.all(answers)) {
      expect(errors).toBeUndefined();
      expect(data).toHaveProperty('a19');
    }
  });
});

describe('Calls of one caller', () => {
  it('are refused from a number on, before they keep others from their own', async () => {
    const gateway = await aGateway({ env: { MAX_CALLS: '40', CALLS_AT_A_TIME: '4' } });
    const held = Promise.withResolvers<void>();
    const { server } = gateway.sandbox.waldur;
    const { waldurToken } = gateway.sandbox.callers.staff;
    server.inject({
      fault: { kind: 'hold', until: held.promise },
      when: ({ headers }) => headers.authorization === `Token ${waldurToken}`,
    });
    const refused: unknown[] = [];
    const answers = Array.from({ length: 60 }, async (_, at) => {
      // Each its own query, so that none is shared.
      const { errors } = await gateway.run(`{ projects(first: ${at + 1}) { nodes { name } } }`);
      if (errors !== undefined) {
        refused.push(errors[0]?.extensions);
      }
    });
    // Four are under way, and half of what all may have waits.
    await expect.poll(() => refused.length).toBe(60 - 4 - 20);
    expect(refused[0]).toEqual({ code: 'RATE_LIMITED', upstream: 'waldur', retryAfterSeconds: 1 });
    const other = await gateway.run('{ projects(first: 1) { nodes { name } } }', { as: 'owner' });
    expect(other.errors).toBeUndefined();
    held.resolve();
    await Promise.all(answers);
    expect(refused).toHaveLength(60 - 4 - 20);
  });

  it('are under way so many at a time, and the others follow', async () => {
    const gateway = await aGateway({ env: { CALLS_AT_A_TIME: '2' } });
    const held = Promise.withResolvers<void>();
    const { server } = gateway.sandbox.waldur;
    server.inject({ fault: { kind: 'hold', until: held.promise } });
    const answer = gateway.run(
      '{ projects { totalCount } customers { totalCount } tenants { totalCount } }',
    );
    await expect.poll(() => server.calls.length).toBe(2);
    const metrics = await (await fetch(new URL('/metrics', gateway.url))).text();
    expect(metrics).toMatch(/\{upstream="waldur",phase="waiting"\} 1\n/);
    held.resolve();
    expect((await answer).errors).toBeUndefined();
    expect(server.calls).toHaveLength(3);
  });
});

describe('The health', () => {
  it('is told with the clouds, and not ready while none of them answers', async () => {
    const gateway = await aGateway({ env: { UPSTREAM_RETRIES: '0' }, without: 'danube' });
    const ready = async () => {
      const response = await fetch(new URL('/health/ready', gateway.url));
      return { status: response.status, body: await response.json() };
    };
    expect(await ready()).toEqual({
      status: 200,
      body: {
        ready: true,
        reasons: [],
        clouds: {
          waldur: { state: 'closed', since: expect.any(String), until: null, answeredAt: null },
        },
      },
    });
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'reset' } });
    for (let call = 0; call < 25; call += 1) {
      await gateway.run('{ projects { totalCount } }');
    }
    expect(await ready()).toMatchObject({
      status: 503,
      body: { ready: false, reasons: ['no cloud answers'], clouds: { waldur: { state: 'open' } } },
    });
    expect((await fetch(new URL('/health/live', gateway.url))).status).toBe(200);
    const before = gateway.sandbox.waldur.server.calls.length;
    const { errors } = await gateway.run('{ projects { totalCount } }');
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(gateway.sandbox.waldur.server.calls).toHaveLength(before);
  });

  it('is ready again when a cloud may be tried, as nobody else would find out that it is back', async () => {
    const env = { UPSTREAM_RETRIES: '0', UPSTREAM_REST_MS: '200' };
    const gateway = await aGateway({ env, without: 'danube' });
    const off = gateway.sandbox.waldur.server.inject({ fault: { kind: 'reset' } });
    for (let call = 0; call < 25; call += 1) {
      await gateway.run('{ projects { totalCount } }');
    }
    off();
    const status = async () => (await fetch(new URL('/health/ready', gateway.url))).status;
    await expect.poll(status, { timeout: 10_000 }).toBe(200);
    const answered = async () => (await gateway.run('{ projects { totalCount } }')).errors;
    await expect.poll(answered, { timeout: 10_000 }).toBeUndefined();
  });
});
