/** The process as an operator meets it. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { portOf } from './a-port.ts';
import { anEndedProcess, aRunningProcess, aStartedProcess, cannotClose } from './a-process.ts';
import { aSilentRedis } from './instances/a-redis.ts';

it('ends with 1 and the reason when its port is taken', async () => {
  const server = createServer();
  const port = await portOf(server);
  const { code, stderr } = await anEndedProcess([], { PORT: String(port) });
  expect(stderr).toBe(`listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`);
  expect(code).toBe(1);
});

it('ends with 2 and every fault of the settings, without a value of theirs', async () => {
  const { code, stderr } = await anEndedProcess([], { WALDUR_URL: 'nope', PORT: 'x' });
  expect(stderr).toBe(
    'The settings have faults:\n- PORT must be a whole number from 0 to 65535\n- WALDUR_URL must be an http or https URL\n',
  );
  expect(code).toBe(2);
});

it('ends with 2 when a file that the settings name cannot be used, on the sandbox too', async () => {
  const { code, stderr } = await anEndedProcess([], { PERSISTED_OPERATIONS: 'nowhere.json' });
  expect(stderr).toContain('PERSISTED_OPERATIONS must be a file of JSON that can be read');
  expect(code).toBe(2);
});

describe('Told to end', () => {
  const post = (url: string, key: string, query: string, accept = 'application/json') =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, 'x-danube-api-key': key },
      body: JSON.stringify({ query }),
    });

  it('completes its streams, lets what runs end, and exits with 0', async () => {
    const { child, exit, url, key } = await aRunningProcess();
    const created = await post(
      url,
      key,
      'mutation { createVirtualMachine(input: { hostname: "ending.lan", vcpus: 1, ramMiB: 512 disks: [{ sizeMiB: 10 }] }) { __typename } }',
    );
    expect(await created.json()).toMatchObject({
      data: { createVirtualMachine: { __typename: 'CreateVirtualMachineSuccess' } },
    });
    const stream = await post(
      url,
      key,
      'subscription { virtualMachineChanged(hostname: "ending.lan") { status } }',
      'text/event-stream',
    );
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let told = '';
    while (!told.includes('DEPLOYING')) {
      told += (await reader?.read())?.value ?? '';
    }
    child.kill('SIGTERM');
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
      told += piece.value;
    }
    expect(told).toContain('event: complete');
    expect(await exit).toBe(0);
  });

  it('writes what its log has gathered', async () => {
    const { child, exit, url, key, printed } = await aRunningProcess();
    await post(url, key, '{ datacenters { name } }');
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    // What a process has written may be read after its end.
    await expect.poll(printed).toContain('"msg":"operation"');
  });

  it('exits with 0 while it still waits for Redis, and does not listen any more', async () => {
    const redis = await aSilentRedis();
    const { child, exit } = aStartedProcess([], {
      PORT: '0',
      REDIS_URL: redis.url,
      INSTANCES_SECRET: 'known-to-all-instances',
    });
    const printed = text(child.stdout);
    await expect.poll(redis.connections, { timeout: 15_000 }).toBeGreaterThan(0);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(await printed).not.toContain('The graph:');
  });

  it('exits with 1 and the reason when it cannot end in order', async () => {
    const { child, exit, printed } = await aRunningProcess([], cannotClose);
    child.kill('SIGTERM');
    expect(await exit).toBe(1);
    await expect.poll(printed).toContain('it cannot be closed');
  });

  it('exits at once when it is told twice', async () => {
    const { child, exit, url, key } = await aRunningProcess([], {
      WATCH_LEAST_MS: '60000',
      WATCH_MOST_MS: '60000',
    });
    // A look at a task that takes its time.
    const waiting = post(
      url,
      key,
      'mutation { createVirtualMachine(input: { hostname: "ending.lan", vcpus: 1, ramMiB: 512 }, wait: { timeoutSeconds: 60 }) { __typename } }',
    ).catch(() => undefined);
    await expect
      .poll(
        async () =>
          await (
            await post(url, key, '{ virtualMachine(hostname: "ending.lan") { status } }')
          ).text(),
      )
      .toContain('DEPLOYING');
    child.kill('SIGTERM');
    const isUp = () =>
      fetch(new URL('/health/live', url)).then(
        () => true,
        () => false,
      );
    await expect.poll(isUp).toBe(false);
    child.kill('SIGTERM');
    expect(await exit).toBe(1);
    await waiting;
  });
});

describe('Memory', () => {
  const commandLine = async (pid: number | undefined) =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');

  it('is limited for what lives shortly', async () => {
    const { child } = await aRunningProcess();
    expect(await commandLine(child.pid)).toContain('--max-semi-space-size=16');
  });

  it('is what the operator has chosen', async () => {
    const chosen = { NODE_OPTIONS: '--max-semi-space-size=48' };
    const { child } = await aRunningProcess([], chosen);
    expect((await commandLine(child.pid)).join(' ')).not.toContain('semi-space');
  });
});
