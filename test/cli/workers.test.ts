/** Several processes on one port. */

import { type ChildProcess, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { anEndedProcess, aRunningProcess, aStartedProcess, cannotClose } from '../a-process.ts';

const poll = { timeout: 15_000 };

/** Ids of the processes that one has started. */
function startedBy({ pid }: ChildProcess): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Stops a process, until it is thawed or the test is over. */
function freeze(pid: number): () => void {
  const thaw = () => void (isAlive(pid) && process.kill(pid, 'SIGCONT'));
  process.kill(pid, 'SIGSTOP');
  onTestFinished(thaw);
  return thaw;
}

async function aTeam(env: Readonly<Record<string, string>> = {}) {
  const sandbox = await openSandbox({ danubeCallsPerMinute: 45 });
  onTestFinished(() => sandbox.close());
  const running = await aRunningProcess([], {
    WALDUR_URL: sandbox.waldur.server.url,
    DANUBE_URL: sandbox.danube.server.url,
    WORKERS: '3',
    MAX_LAG_MS: '0',
    ...env,
  });
  const run = async (query: string) => {
    // A connection of its own, so that another worker may get it.
    const response = await fetch(running.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        connection: 'close',
        authorization: `Token ${sandbox.callers.staff.waldurToken}`,
        'x-danube-api-key': sandbox.callers.staff.danubeApiKey,
      },
      body: JSON.stringify({ query }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is its own business
    return (await response.json()) as any;
  };
  const ask = (path: string) =>
    fetch(new URL(path, running.url), { headers: { connection: 'close' } });
  const metric = async (line: string) => {
    const text = await (await ask('/metrics')).text();
    const found = text.split('\n').find((one) => one.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length));
  };
  return { ...running, sandbox, run, ask, metric };
}

describe('WORKERS', { timeout: 60_000 }, () => {
  it('answer on one port, and add up their metrics', async () => {
    const { run, metric } = await aTeam();
    for (let query = 0; query < 12; query += 1) {
      expect((await run('{ projects(first: 1) { nodes { name } } }')).errors).toBeUndefined();
    }
    const line =
      'stratograph_operation_duration_seconds_count{operation="anonymous",type="query",outcome="ok"}';
    // Whichever of them is asked.
    for (let asked = 0; asked < 4; asked += 1) {
      expect(await metric(line)).toBe(12);
    }
    expect(await metric('stratograph_circuit_state{upstream="waldur",state="closed"}')).toBe(1);
  });

  it('share the budget of a credential', async () => {
    const { run, sandbox } = await aTeam();
    await Promise.all(
      Array.from({ length: 90 }, (_, at) =>
        run(`{ virtualMachine(hostname: "no${at}.lan") { hostname } }`),
      ),
    );
    const { calls } = sandbox.danube.server;
    expect(calls.length).toBeLessThanOrEqual(45);
    expect(calls.length).toBeGreaterThanOrEqual(15);
    expect(calls.some(({ status }) => status === 429)).toBe(false);
  });

  it('are replaced when they die, and end with 0 when they are told to', async () => {
    const { child, exit, run, printed } = await aTeam({ LOG_LEVEL: 'error' });
    const [first = 0, ...others] = startedBy(child);
    process.kill(first, 'SIGKILL');
    await expect.poll(() => startedBy(child).filter((pid) => pid !== first).length, poll).toBe(3);
    expect(startedBy(child)).toEqual(expect.arrayContaining(others));
    expect((await run('{ __typename }')).data).toEqual({ __typename: 'Query' });
    const workers = startedBy(child);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(printed()).toContain('a worker has ended; another is started');
    expect(workers.filter(isAlive)).toEqual([]);
  });

  it('end all the same when they cannot end in order, and say why', async () => {
    const { child, exit, printed } = await aTeam({ WORKERS: '2', ...cannotClose });
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    await expect.poll(() => printed().split('it cannot be closed').length, poll).toBeGreaterThan(2);
  });

  it('outlive one that dies while it asks for the metrics of all', async () => {
    const { child, run, ask } = await aTeam({ WORKERS: '2' });
    const [frozen = 0, asking = 0] = startedBy(child);
    const thaw = freeze(frozen);
    // Each gets one; whatever comes then is for the one that is not frozen.
    const asked = [ask('/metrics'), ask('/metrics')];
    for (let before = 0; before < 5; before += 1) {
      await ask('/health/live');
    }
    process.kill(asking, 'SIGKILL');
    await expect(Promise.race(asked)).rejects.toThrow('fetch failed');
    // The answer that was missing comes.
    thaw();
    const answers = await Promise.allSettled(asked);
    expect(answers.flatMap((one) => (one.status === 'fulfilled' ? one.value.status : []))).toEqual([
      200,
    ]);
    expect((await run('{ __typename }')).errors).toBeUndefined();
    expect(child.exitCode).toBeNull();
  });

  it('answer 503 for metrics when one of them does not tell its own', async () => {
    const { child, ask, printed } = await aTeam({ WORKERS: '2' });
    const [frozen = 0] = startedBy(child);
    const thaw = freeze(frozen);
    const asked = [ask('/metrics'), ask('/metrics')];
    expect((await Promise.race(asked)).status).toBe(503);
    await expect.poll(printed, poll).toContain('not all workers have told their metrics');
    thaw();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 503]);
  });

  it('let what runs end, and end, when whoever minds them is gone', async () => {
    const { child, run, sandbox } = await aTeam({ WORKERS: '2' });
    const workers = startedBy(child);
    const { server } = sandbox.waldur;
    const released = Promise.withResolvers<void>();
    server.inject({ fault: { kind: 'hold', until: released.promise } });
    const running = run('{ projects(first: 1) { nodes { name } } }').catch(String);
    await expect.poll(() => server.calls.length, poll).toBe(1);
    child.kill('SIGKILL');
    await expect.poll(() => workers.filter(isAlive).length, poll).toBeLessThan(2);
    released.resolve();
    expect(await running).toMatchObject({ data: { projects: { nodes: [{}] } } });
    await expect.poll(() => workers.filter(isAlive), poll).toEqual([]);
  });

  it('end with 0 when they are told to before they listen', async () => {
    const clouds = { WALDUR_URL: 'http://127.0.0.1:1', WORKERS: '2', PORT: '0' };
    const { child, exit } = aStartedProcess([], clouds);
    await expect.poll(() => startedBy(child).length, poll).toBe(2);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it('end with what is wrong when none can start', async () => {
    const clouds = { WALDUR_URL: 'http://127.0.0.1:1', WORKERS: '2', PORT: '0' };
    expect(await anEndedProcess([], { ...clouds, PERSISTED_OPERATIONS: 'no.json' })).toEqual({
      stdout: '',
      stderr:
        'The settings have a fault:\n- PERSISTED_OPERATIONS must be a file of JSON that can be read\n',
      code: 2,
    });
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { stderr, code } = await anEndedProcess([], { ...clouds, PORT: String(port) });
    expect(new Set(stderr.trim().split('\n'))).toEqual(
      new Set([`bind EADDRINUSE 127.0.0.1:${port}`, 'A worker has ended at its start, with 1.']),
    );
    expect(code).toBe(1);
    expect((await anEndedProcess([], { WORKERS: '2' })).stderr).toContain(
      'WORKERS needs WALDUR_URL',
    );
  });
});
