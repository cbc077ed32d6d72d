/** The calls that Danube takes from one user in a minute, as the gateway's clients meet them. */

import { describe, expect, it } from 'vitest';
import { openClock } from '../../src/sandbox/clock.ts';
import type { ReceivedCall } from '../../src/sandbox/server.ts';
import { aGateway } from '../a-gateway.ts';

const names = '{ virtualMachines(datacenter: "main", first: 1) { nodes { hostname } } }';
const throttled = (seconds: string) => ({
  kind: 'answer' as const,
  answer: {
    status: 429,
    headers: { 'content-type': 'application/json', 'retry-after': seconds },
    body: '{"detail":"Request was throttled."}',
  },
});

describe('The call budget', () => {
  it('is RATE_LIMITED before a call is sent that Danube would refuse, and says for how long', async () => {
    const gateway = await aGateway({ danubeCallsPerMinute: 2 });
    await gateway.run(names);
    await gateway.run(names);
    const { answer, danube } = await gateway.calls(names);
    expect(answer.errors?.[0]).toMatchObject({
      path: ['virtualMachines'],
      extensions: { code: 'RATE_LIMITED', upstream: 'danube' },
    });
    const seconds = answer.errors?.[0]?.extensions.retryAfterSeconds as number;
    expect(seconds).toBeGreaterThan(30);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(danube).toEqual([]);
  });

  it('sends no change either, and says so', async () => {
    const gateway = await aGateway({ danubeCallsPerMinute: 1 });
    await gateway.run(names);
    const { answer, danube } = await gateway.calls(
      'mutation { startVirtualMachine(input: { hostname: "x.example.com" }) { __typename } }',
    );
    expect(answer.errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    expect(danube).toEqual([]);
  });

  it('is one for a key, from wherever it is used, and each key has its own', async () => {
    const env = { TRUSTED_PROXIES: '127.0.0.0/8' };
    const gateway = await aGateway({ danubeCallsPerMinute: 1, env });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    expect((await gateway.run(names, from('198.51.100.1'))).errors).toBeUndefined();
    expect((await gateway.run(names, { as: 'member' })).errors).toBeUndefined();
    const { answer, danube } = await gateway.calls(names, from('198.51.100.2'));
    expect(answer.errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    // The gateway has counted, and not Danube.
    expect(danube).toEqual([]);
  });

  it('is not used up by looking at what a mutation waits for', async () => {
    const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
    const gateway = await aGateway({
      clock,
      env: { POLL_FIRST_MS: '2', POLL_LEAST_MS: '1', POLL_MOST_MS: '3' },
      config: { danubeRate: { calls: 12, windowMs: 60_000 } },
    });
    const machine = gateway.sandbox.danube.world.machines.find(
      ({ datacenter, node }) => datacenter.id === 1 && node?.status === 'online',
    );
    Object.assign(machine ?? {}, { status: 'stopped', isReplica: false });
    gateway.sandbox.danube.world.tasks.clear();
    // The sandbox's time stands still, so the task does not end.
    const { answer, danube } = await gateway.calls(
      `mutation { startVirtualMachine(input: { hostname: "${machine?.hostname}" }, wait: { timeoutSeconds: 1 }) { ... on StartVirtualMachineSuccess { settled } } }`,
    );
    expect(answer.data.startVirtualMachine).toEqual({ settled: false });
    // Two thirds of twelve are for looks.
    expect(danube.filter(({ path }) => path.endsWith('/status/'))).toHaveLength(8);
    expect((await gateway.run(names)).errors).toBeUndefined();
  });

  it('is waited for when that is short', async () => {
    const gateway = await aGateway({ config: { danubeRate: { calls: 1, windowMs: 50 } } });
    for (let query = 0; query < 3; query += 1) {
      expect((await gateway.run(names)).errors).toBeUndefined();
    }
    expect(gateway.sandbox.danube.server.calls).toHaveLength(3);
  });

  it('costs nothing of it to ask for the same at the same time', async () => {
    const gateway = await aGateway({ danubeCallsPerMinute: 1 });
    const { server } = gateway.sandbox.danube;
    const held = Promise.withResolvers<void>();
    server.inject({ fault: { kind: 'hold', until: held.promise } });
    const first = gateway.run(names);
    await expect.poll(() => server.calls.length).toBe(1);
    // Another operation, so that only the call is the same.
    const second = gateway.run(`query Other ${names}`);
    await gateway.run('{ __typename }');
    held.resolve();
    const answers = [await first, await second];
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
  });

  it('shows in explain how much is left, of Danube alone', async () => {
    const gateway = await aGateway({ danubeCallsPerMinute: 45 });
    const { extensions } = (await gateway.run(
      `{ viewer { username } virtualMachines(datacenter: "main", first: 1) { nodes { hostname } } }`,
      { headers: { 'x-explain': '1' } },
    )) as unknown as { extensions: { explain: { calls: object[]; text: string[] } } };
    const { calls, text } = extensions.explain;
    expect(calls).toContainEqual(expect.objectContaining({ upstream: 'danube', budgetLeft: 44 }));
    expect(calls).toContainEqual(expect.objectContaining({ upstream: 'waldur', budgetLeft: null }));
    expect(text).toContainEqual(expect.stringMatching(/^Call GET \/api\/vm\/.* left=44$/));
  });
});

describe("Danube's own 429", () => {
  it('is waited for when others have used the key, and the call made again', async () => {
    const gateway = await aGateway();
    gateway.sandbox.danube.server.inject({ fault: throttled('0'), times: 2 });
    const { answer, danube } = await gateway.calls(names);
    expect(answer.errors).toBeUndefined();
    expect(danube).toHaveLength(3);
  });

  it('is waited for by what comes without an envelope, too', async () => {
    const gateway = await aGateway();
    const isList = ({ path }: ReceivedCall) => path === '/api/task/';
    gateway.sandbox.danube.server.inject({ fault: throttled('0'), when: isList, times: 2 });
    const { answer, danube } = await gateway.calls(
      '{ task(taskId: "1e1d1-00000000-0000-0000-0000") { status known } }',
    );
    expect(answer).toEqual({ data: { task: { status: 'PENDING', known: false } } });
    expect(danube.filter(isList)).toHaveLength(3 + 2);
  });

  it('is told when it does not end', async () => {
    const gateway = await aGateway();
    gateway.sandbox.danube.server.inject({ fault: throttled('0') });
    const { answer, danube } = await gateway.calls(names);
    expect(answer.errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    expect(danube).toHaveLength(3);
  });

  it('is told when the wait would be too long; nothing more is sent until then', async () => {
    const gateway = await aGateway();
    gateway.sandbox.danube.server.inject({ fault: throttled('50'), times: 1 });
    const { answer, danube } = await gateway.calls(names);
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: 50,
    });
    expect(danube).toHaveLength(1);
    const after = await gateway.calls(names);
    expect(after.answer.errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED' });
    expect(after.danube).toEqual([]);
  });

  it.each([
    ['a month', '3000000'],
    ['for ever', '9'.repeat(400)],
  ])('is believed for an hour at most when it asks for %s', async (_time, seconds) => {
    const gateway = await aGateway();
    gateway.sandbox.danube.server.inject({ fault: throttled(seconds), times: 1 });
    const { errors } = await gateway.run(names);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: 3_600,
    });
  });

  it('is told of a change at once, which is never sent twice', async () => {
    const gateway = await aGateway();
    gateway.sandbox.danube.server.inject({ fault: throttled('0') });
    const { answer, danube } = await gateway.calls(
      'mutation { startVirtualMachine(input: { hostname: "x.example.com" }) { __typename } }',
    );
    expect(answer.errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    expect(danube).toHaveLength(1);
  });
});
