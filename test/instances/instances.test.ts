/** Three instances that act as one, with a real Redis between them. */

import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aGateway } from '../a-gateway.ts';
import { aFleet } from './a-fleet.ts';
import { aRedis, aSlowWay, contentsOf, hasRedis } from './a-redis.ts';

/** Processes take their time on busy cores. */
const poll = { timeout: 20_000 };

type Fleet = Awaited<ReturnType<typeof aFleet>>;

const machines = '{ virtualMachines(datacenter: "main", first: 1) { nodes { hostname } } }';
const watch = (hostname: string | undefined) =>
  `subscription { virtualMachineChanged(hostname: "${hostname}") { status inTransition } }`;

/** So many machines of `main` that something is being done to. */
function busyMachines({ sandbox }: Fleet, count: number) {
  const { world } = sandbox.danube;
  const found = world.machines.filter(({ datacenter }) => datacenter.id === 1).slice(0, count);
  for (const machine of found) {
    Object.assign(machine, { status: 'running-', isReplica: false, node: world.nodes[0] });
  }
  return found;
}

/** What Danube was asked, and how often it was too often. */
const callsOf = ({ sandbox }: Fleet) => {
  const { calls } = sandbox.danube.server;
  return { all: calls.length, refused: calls.filter(({ status }) => status === 429).length };
};

describe('One of several that have not counted each other', () => {
  const redis = { REDIS_URL: 'redis://127.0.0.1:1', INSTANCES_SECRET: 'known-to-all-instances' };

  it.each([
    ['three instances', { INSTANCES: '3' }, 15],
    ['three workers', { WORKERS: '3' }, 15],
    ['three workers of three instances', { INSTANCES: '3', WORKERS: '3' }, 5],
    ['those, while Redis is away', { INSTANCES: '3', WORKERS: '3', ...redis }, 5],
  ])('takes its share of the budget: %s', async (_of, env, share) => {
    const { run, sandbox } = await aGateway({ danubeCallsPerMinute: 45, env });
    await Promise.all(
      Array.from({ length: 46 }, (_, at) =>
        run(`{ virtualMachine(hostname: "no${at}.lan") { hostname } }`),
      ),
    );
    expect(sandbox.danube.server.calls).toHaveLength(share);
  });
});

describe.skipIf(!hasRedis())('Three instances', { timeout: 120_000 }, () => {
  it('spend one budget, and the cloud never has to refuse', async () => {
    const redis = await aRedis();
    const fleet = await aFleet({ redis, danubeCallsPerMinute: 45 });
    const answers = await Promise.all(
      // Each its own query, so that none is shared.
      Array.from({ length: 60 }, (_, at) =>
        fleet.run(`{ virtualMachine(hostname: "no${at}.lan") { hostname } }`),
      ),
    );
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code);
    expect(callsOf(fleet)).toEqual({ all: 45, refused: 0 });
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(15);
    expect(codes.filter((code) => code === undefined)).toHaveLength(45);
    await expect.poll(() => fleet.metric(0, 'stratograph_instances'), poll).toBe(3);
  });

  it('count no call that is abandoned before it is sent', async () => {
    const redis = await aRedis();
    const fleet = await aFleet({ redis, danubeCallsPerMinute: 45, envs: [{}, {}] });
    const [first, second] = fleet.instances.map(({ url }) => url);
    const { server } = fleet.sandbox.danube;
    const read = (at: number, options: Parameters<typeof fleet.run>[1]) =>
      fleet.run(`{ virtualMachine(hostname: "no${at}.lan") { hostname } }`, options);
    const held = Promise.withResolvers<void>();
    server.inject({ fault: { kind: 'hold', until: held.promise }, times: 4 });
    const staying = Array.from({ length: 4 }, (_, at) => read(at, { at: first }));
    await expect.poll(() => server.calls.length, poll).toBe(4);
    const leaving = new AbortController();
    const abandoned = Array.from({ length: 26 }, (_, at) =>
      read(10 + at, { at: first, signal: leaving.signal }),
    );
    const waiting = () =>
      fleet.metric(0, 'stratograph_upstream_calls{upstream="danube",phase="waiting"}');
    await expect.poll(waiting, poll).toBe(26);
    leaving.abort();
    await Promise.allSettled(abandoned);
    await expect.poll(waiting, poll).toBe(0);
    held.resolve();
    await Promise.all(staying);
    const answers = await Promise.all(
      Array.from({ length: 42 }, (_, at) => read(100 + at, { at: second })),
    );
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code);
    expect(codes.filter((code) => code === undefined)).toHaveLength(41);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(1);
  });

  it('watch by the looks of one, and go on within seconds when that one is killed', async () => {
    const redis = await aRedis();
    const fleet = await aFleet({
      redis,
      danubeCallsPerMinute: 45,
      sizes: { machines: 150 },
      env: { WATCH_LEAST_MS: '400', WATCH_MOST_MS: '400' },
    });
    const busy = busyMachines(fleet, 50);
    let looks = 0;
    const calledMs: number[] = [];
    const killing = Promise.withResolvers<void>();
    fleet.sandbox.danube.server.inject({
      fault: { kind: 'delay', delayMs: 0 },
      when: ({ path }) => {
        calledMs.push(performance.now());
        if (path === '/api/vm/') {
          looks += 1;
          // Three after each other settle with each look, once everybody watches.
          for (const machine of busy.slice(3 * (looks - 8), 3 * (looks - 7))) {
            machine.status = 'running';
          }
          if (looks === 12) {
            killing.resolve();
          }
        }
        return false;
      },
    });
    /** Comes back when the stream breaks, as browsers do. */
    const lastOf = async (hostname: string | undefined) => {
      let last: { readonly status: string; readonly inTransition: boolean } | undefined;
      while (last?.inTransition !== false) {
        try {
          for await (const event of fleet.follow(watch(hostname))) {
            last = event.data?.virtualMachineChanged ?? last;
          }
        } catch {
          // Its instance was killed.
        }
      }
      return last;
    };
    const watchers = Array.from({ length: 200 }, (_, at) => lastOf(busy[at % 50]?.hostname));
    await killing.promise;
    const count = 'stratograph_upstream_call_duration_seconds_count';
    const line = `${count}{upstream="danube",method="GET",route="/api/vm/",status="2xx"}`;
    const counts = await Promise.all(
      fleet.instances.map(async (_, at) => (await fleet.metric(at, line)) ?? 0),
    );
    const looker = counts.indexOf(Math.max(...counts));
    // Another may have had the turn for a while, when this one got no time from a busy machine.
    expect(counts[looker]).toBeGreaterThan(looks / 2);
    const before = looks;
    fleet.instances[looker]?.child.kill('SIGKILL');
    await expect.poll(() => looks, { timeout: 20_000, interval: 20 }).toBeGreaterThan(before + 1);
    const last = await Promise.all(watchers);
    expect(last.every((one) => one?.status === 'RUNNING')).toBe(true);
    const inMinuteAfter = (startMs: number) =>
      calledMs.filter((ms) => ms >= startMs && ms < startMs + 60_000).length;
    expect(Math.max(...calledMs.map(inMinuteAfter))).toBeLessThanOrEqual(45);
    expect(callsOf(fleet).refused).toBe(0);
  });

  it('fail no request while Redis is killed, frozen or started again', async () => {
    const redis = await aRedis();
    const fleet = await aFleet({
      redis,
      danubeCallsPerMinute: 45,
      env: { MAX_COST_PER_MINUTE: '900000000' },
    });
    const failures: unknown[] = [];
    let answers = 0;
    let isOver = false;
    const clients = Array.from({ length: 6 }, async () => {
      while (!isOver) {
        const { data, errors } = await fleet.run('{ projects(first: 2) { nodes { name } } }');
        answers += 1;
        if (errors !== undefined || data.projects.nodes.length !== 2) {
          failures.push(errors);
        }
      }
    });
    const more = async (count = 60) => {
      const before = answers;
      await expect.poll(() => answers, poll).toBeGreaterThan(before + count);
    };
    const redisIs = (state: string) =>
      Promise.all(
        fleet.instances.map((_, at) =>
          expect.poll(async () => (await fleet.ready(at)).redis.state, poll).toBe(state),
        ),
      );
    await redisIs('up');
    await more();
    await redis.kill();
    await redisIs('down');
    expect(await fleet.ready(0)).toMatchObject({ ready: true, reasons: [] });
    expect(await fleet.metric(0, 'stratograph_redis_up')).toBe(0);
    expect((await fleet.run(machines)).errors).toBeUndefined();
    await more();
    await redis.start();
    await redisIs('up');
    await more();
    redis.freeze();
    await redisIs('down');
    expect((await fleet.run(machines)).errors).toBeUndefined();
    await more();
    redis.thaw();
    await redisIs('up');
    await more();
    expect(await fleet.metric(0, 'stratograph_redis_up')).toBe(1);
    isOver = true;
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect(callsOf(fleet).refused).toBe(0);
  });

  it('keep to a share of the budget while each is on its own, and to one again afterwards', async () => {
    const redis = await aRedis();
    const fleet = await aFleet({ redis, danubeCallsPerMinute: 45 });
    await expect.poll(() => fleet.metric(0, 'stratograph_instances'), poll).toBe(3);
    let asked = 0;
    const ask = (count: number, at?: string) =>
      Promise.all(
        Array.from({ length: count }, () => {
          asked += 1;
          const query = `{ virtualMachine(hostname: "no${asked}.lan") { hostname } }`;
          return fleet.run(query, at === undefined ? {} : { at });
        }),
      );
    await redis.kill();
    await expect.poll(async () => (await fleet.ready(0)).redis.state, poll).toBe('down');
    await ask(40, fleet.instances[0]?.url);
    expect(callsOf(fleet).all).toBe(15);
    await redis.start();
    for (const [at] of fleet.instances.entries()) {
      await expect.poll(async () => (await fleet.ready(at)).redis.state, poll).toBe('up');
    }
    // What was spent meanwhile is told to the others with the next call.
    await ask(1, fleet.instances[0]?.url);
    await ask(60);
    expect(callsOf(fleet)).toEqual({ all: 45, refused: 0 });
  });

  it('watch each for itself while Redis is away, and by one again afterwards', async () => {
    const redis = await aRedis();
    const fleet = await aFleet({
      redis,
      danubeCallsPerMinute: null,
      env: { WATCH_LEAST_MS: '100', WATCH_MOST_MS: '100', DANUBE_CALLS_PER_MINUTE: '0' },
    });
    const [machine] = busyMachines(fleet, 1);
    const told = [0, 0, 0];
    const watchers = fleet.instances.map(async ({ url }, at) => {
      for await (const { data } of fleet.follow(watch(machine?.hostname), { at: url })) {
        told[at] = (told[at] ?? 0) + 1;
        if (data.virtualMachineChanged.inTransition === false) {
          return data.virtualMachineChanged.status;
        }
      }
      return undefined;
    });
    await expect.poll(() => told, poll).toEqual([1, 1, 1]);
    await redis.kill();
    // A change that the others could not hear of.
    Object.assign(machine ?? {}, { alias: 'changed-meanwhile' });
    await expect.poll(() => told, poll).toEqual([2, 2, 2]);
    await redis.start();
    const line =
      'stratograph_upstream_call_duration_seconds_count{upstream="danube",method="GET",route="/api/vm/",status="2xx"}';
    const counts = () =>
      Promise.all(fleet.instances.map(async (_, at) => (await fleet.metric(at, line)) ?? 0));
    await expect
      .poll(
        async () => {
          const before = await counts();
          await expect
            .poll(async () => (await counts()).some((now, at) => now > (before[at] ?? 0) + 3), poll)
            .toBe(true);
          const after = await counts();
          return after.filter((now, at) => now > (before[at] ?? 0)).length;
        },
        { timeout: 30_000 },
      )
      .toBe(1);
    Object.assign(machine ?? {}, { status: 'running' });
    expect(await Promise.all(watchers)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  });

  it.each([
    ['is full', ['CONFIG', 'SET', 'maxmemory', '1']],
    ['is a replica', ['REPLICAOF', '127.0.0.1', '1']],
  ])('go on alone while Redis %s, and say so', async (_why, [command = '', ...args]) => {
    const redis = await aRedis();
    const fleet = await aFleet({
      redis,
      danubeCallsPerMinute: 45,
      env: { WATCH_LEAST_MS: '100', WATCH_MOST_MS: '200' },
    });
    await redis.client.connect();
    await redis.client.call(command, ...args);
    const [machine] = busyMachines(fleet, 1);
    for (const { url } of fleet.instances) {
      expect((await fleet.run(machines, { at: url })).errors).toBeUndefined();
    }
    const events = fleet.follow(watch(machine?.hostname), { at: fleet.instances[0]?.url ?? '' });
    const first = await events.next();
    expect(first.value.data.virtualMachineChanged.inTransition).toBe(true);
    Object.assign(machine ?? {}, { status: 'running' });
    const second = await events.next();
    expect(second.value.data.virtualMachineChanged.status).toBe('RUNNING');
    expect((await fleet.ready(0)).redis.state).toBe('down');
  });

  it('go on alone while Redis is slow, and together when it is not', async () => {
    const redis = await aRedis();
    const slow = await aSlowWay(redis.url);
    const fleet = await aFleet({
      redis: { ...redis, url: slow.url },
      danubeCallsPerMinute: 45,
      env: { REDIS_TIMEOUT_MS: '200' },
    });
    const redisIs = (state: string) =>
      expect.poll(async () => (await fleet.ready(0)).redis.state, poll).toBe(state);
    await redisIs('up');
    slow.delay(2_000);
    await redisIs('down');
    expect((await fleet.run(machines)).errors).toBeUndefined();
    slow.delay(0);
    await redisIs('up');
    expect((await fleet.run(machines)).errors).toBeUndefined();
    expect(callsOf(fleet).refused).toBe(0);
  });

  it('tell nobody of a state that was, before whoever asks came', async () => {
    const redis = await aRedis();
    const fleet = await aFleet({
      redis,
      danubeCallsPerMinute: null,
      env: { WATCH_LEAST_MS: '300', WATCH_MOST_MS: '60000', DANUBE_CALLS_PER_MINUTE: '0' },
    });
    const [busy, quiet] = busyMachines(fleet, 2);
    Object.assign(quiet ?? {}, { status: 'running' });
    const [at0 = '', at1 = ''] = fleet.instances.map(({ url }) => url);
    const leaving = new AbortController();
    const first = fleet.follow(watch(busy?.hostname), { at: at0, signal: leaving.signal });
    await first.next();
    // The first has looked, and will not look again for a minute unless somebody comes.
    const { calls } = fleet.sandbox.danube.server;
    const after = calls.length;
    await expect.poll(async () => (await redis.client.keys('*:last')).length, poll).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    Object.assign(quiet ?? {}, { status: 'stopping' });
    const second = fleet.follow(watch(quiet?.hostname), { at: at1, signal: leaving.signal });
    const told = await second.next();
    expect(told.value.data.virtualMachineChanged).toEqual({
      status: 'STOPPING',
      inTransition: true,
    });
    expect(calls.length).toBeGreaterThan(after);
    leaving.abort();
    await Promise.allSettled([first.next(), second.next()]);
  });

  it('have one budget across a restart of Redis, and a share each where it never was', async () => {
    const redis = await aRedis();
    // On busy cores Redis may take its time, which is not what this is about.
    const env = { INSTANCES: '3', REDIS_TIMEOUT_MS: '5000' };
    const fleet = await aFleet({ redis, danubeCallsPerMinute: 45, env });
    const ask = (count: number, at: string | undefined, name: string) =>
      Promise.all(
        Array.from({ length: count }, (_, one) =>
          fleet.run(`{ virtualMachine(hostname: "${name}${one}.lan") { hostname } }`, {
            at: at ?? '',
          }),
        ),
      );
    /** Since when each has found Redis; one that has not would have a share. */
    const upSince = () =>
      Promise.all(
        fleet.instances.map(async (_, at) => {
          const { state, since } = (await fleet.ready(at)).redis;
          return state === 'up' ? since : 'not yet';
        }),
      );
    await expect.poll(upSince, poll).not.toContain('not yet');
    const first = await upSince();
    await ask(45, fleet.instances[0]?.url, 'before');
    expect(callsOf(fleet).all).toBe(45);
    await redis.kill();
    await redis.start();
    // One that has not noticed yet that it was away still says what it said before.
    await expect
      .poll(async () => {
        const now = await upSince();
        return now.every((since, at) => since !== 'not yet' && since !== first[at]);
      }, poll)
      .toBe(true);
    const restored = async () => {
      const [key] = await redis.client.keys('stratograph:calls:*');
      return key === undefined ? 0 : redis.client.zcard(key);
    };
    await expect.poll(restored, poll).toBe(45);
    await ask(10, fleet.instances[1]?.url, 'after');
    expect(callsOf(fleet)).toEqual({ all: 45, refused: 0 });

    const lost = { ...redis, url: 'redis://127.0.0.1:1' };
    const alone = await aFleet({ redis: lost, danubeCallsPerMinute: 45, env: { INSTANCES: '3' } });
    const sent = async (at: string | undefined, name: string) => {
      const queries = Array.from({ length: 30 }, (_, one) =>
        alone.run(`{ virtualMachine(hostname: "${name}${one}.lan") { hostname } }`, {
          at: at ?? '',
        }),
      );
      await Promise.all(queries);
    };
    await Promise.all(alone.instances.map(({ url }, at) => sent(url, `i${at}x`)));
    expect(callsOf(alone)).toEqual({ all: 45, refused: 0 });
  });

  it('never show one caller what is another’s, nor Redis what is anybody’s', async () => {
    const redis = await aRedis();
    const fleet = await aFleet({
      redis,
      danubeCallsPerMinute: 45,
      env: { WATCH_LEAST_MS: '100', WATCH_MOST_MS: '200', MAX_COST_PER_MINUTE: '100000' },
    });
    const [machine] = busyMachines(fleet, 1);
    const leaving = new AbortController();
    const seen: unknown[] = [];
    const watching = fleet.instances.map(async ({ url }) => {
      try {
        const events = fleet.follow(watch(machine?.hostname), { at: url, signal: leaving.signal });
        for await (const event of events) {
          seen.push(event);
        }
      } catch {
        // The test leaves.
      }
    });
    await expect.poll(() => seen.length, poll).toBe(3);
    const ofStaff = new Set((await contentsOf(redis)).keys());
    const strangers: unknown[] = [];
    for await (const event of fleet.follow(watch(machine?.hostname), { as: 'stranger' })) {
      strangers.push(event.data);
    }
    expect(strangers).toEqual([{ virtualMachineChanged: null }]);
    await fleet.run('{ viewer { username } }', { as: 'stranger' });
    const contents = await contentsOf(redis);
    const ofStranger = [...contents.keys()].filter((key) => !ofStaff.has(key));
    expect(ofStranger.some((key) => key.startsWith('stratograph:calls:'))).toBe(true);
    const secrets = Object.values(fleet.sandbox.callers).flatMap((caller) => [
      caller.waldurToken,
      caller.danubeApiKey,
      createHash('sha256').update(caller.waldurToken).digest('hex'),
      createHash('sha256').update(caller.danubeApiKey).digest('hex'),
    ]);
    const text = JSON.stringify([...contents]);
    for (const secret of secrets) {
      expect(text).not.toContain(secret);
    }
    // What was seen is sealed: nothing of a machine but the name that is watched.
    expect(text).not.toContain(machine?.uuid);
    expect(text).not.toContain('known-to-all-three-instances');
    leaving.abort();
    await Promise.all(watching);
  });

  it('count what a caller may ask in a minute together', async () => {
    const redis = await aRedis();
    const fleet = await aFleet({ redis, env: { MAX_COST_PER_MINUTE: '300' } });
    const codes: unknown[] = [];
    for (let query = 0; query < 60; query += 1) {
      const { errors } = await fleet.run('{ projects(first: 1) { nodes { name } } }');
      codes.push(errors?.[0]?.extensions.code);
    }
    const alone = await fleet.run('{ projects(first: 1) { nodes { name } } }', { as: 'member' });
    const passed = codes.filter((code) => code === undefined).length;
    const cost = 300 / passed;
    // All three together, not each of them.
    expect(cost).toBeGreaterThan(5);
    expect(codes.slice(passed).every((code) => code === 'RATE_LIMITED')).toBe(true);
    expect(alone.errors).toBeUndefined();
  });

  it('answer operations of each other’s manifests, and of nobody else’s', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stratograph-manifests-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const manifests = [
      { older: '{ projects { totalCount } }' },
      { newer: '{ customers { totalCount } }' },
    ];
    const envs = await Promise.all(
      manifests.map(async (manifest, at) => {
        const file = join(folder, `${at}.json`);
        await writeFile(file, JSON.stringify(manifest));
        return { PERSISTED_OPERATIONS: file, PERSISTED_OPERATIONS_ONLY: 'true' };
      }),
    );
    const redis = await aRedis();
    const fleet = await aFleet({ redis, envs });
    await redis.client.set('stratograph:operation:forged', '{ viewer { username } }', 'EX', 60);
    for (const { url } of fleet.instances) {
      const ask = async (id: string) => (await fleet.post({ id }, url)).json();
      expect(await ask('older')).toMatchObject({ data: { projects: {} } });
      expect(await ask('newer')).toMatchObject({ data: { customers: {} } });
      expect(await ask('forged')).toMatchObject({
        errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_IN_LIST' } }],
      });
    }
  });
});
