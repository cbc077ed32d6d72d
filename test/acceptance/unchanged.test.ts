/** Queries of which nothing has changed since they were last asked: what is saved, and what never is. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRandom } from '../../src/sandbox/random.ts';
import type { ReceivedCall } from '../../src/sandbox/server.ts';
import { type Answer, aGateway, type RunOptions, type TestGateway } from '../a-gateway.ts';
import { randomQuery } from '../random-queries.ts';
import { holding } from './holding.ts';

const linked =
  '{ securityGroups(first: 5) { totalCount nodes { name tenant { name quotas { name } } } } }';

/** Makes another caller of the same user, by way of a proxy. */
const elsewhere = { 'x-forwarded-for': '192.0.2.7' };

/** Runs it so often that it is remembered. */
async function learn(gateway: TestGateway, query: string, options?: RunOptions): Promise<Answer> {
  await gateway.run(query, options);
  return gateway.run(query, options);
}

/** The log's line of the last operation. */
function lastLine({ logged }: TestGateway) {
  const lines = logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');
  return lines.at(-1) as { unchanged?: true; calls: number; cost: number };
}

const isUnchanged = (gateway: TestGateway) => lastLine(gateway).unchanged === true;

describe('A query of which nothing has changed', () => {
  it('is asked again whole, in as many steps, and answered the same', async () => {
    const gateway = await aGateway();
    const first = await gateway.calls(linked);
    const second = await gateway.calls(linked);
    expect(isUnchanged(gateway)).toBe(false);
    const third = await gateway.calls(linked);
    expect(isUnchanged(gateway)).toBe(true);
    expect(first.answer.errors).toBeUndefined();
    expect(second.answer).toEqual(first.answer);
    expect(third.answer).toEqual(first.answer);
    expect(first.lines.length).toBeGreaterThan(1);
    expect(third.lines).toEqual(second.lines);
    expect(lastLine(gateway)).toMatchObject({ calls: third.lines.length });
  });

  it.each([
    ['the short way', {}],
    ['the long way', { 'x-explain': '0' }],
  ])('is known whoever asks, by %s', async (_way, headers) => {
    const gateway = await aGateway({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
    const query = '{ customers(first: 3) { nodes { name } } }';
    const answer = await learn(gateway, query, { headers });
    const others = { ...headers, ...elsewhere };
    expect(await gateway.run(query, { headers: others })).toEqual(answer);
    expect(isUnchanged(gateway)).toBe(true);
  });

  it.each([
    [
      'several calls',
      16,
      '{ securityGroups(first: 5) { nodes { name project { name } tenant { quotas { name } } } } }',
    ],
    ['one call', 3, '{ securityGroups(first: 5) { nodes { name project { name } } } }'],
  ])('of %s counts in the metrics as it would otherwise', async (_calls, least, query) => {
    const told = async (mebibytes: string) => {
      const gateway = await aGateway({ env: { KEEP_UNCHANGED_MIB: mebibytes } });
      await learn(gateway, query);
      await gateway.run(query);
      expect(isUnchanged(gateway)).toBe(mebibytes !== '0');
      const text = await (await fetch(new URL('/metrics', gateway.url))).text();
      return text
        .split('\n')
        .filter((line) => /^stratograph_(upstream_(rows|bytes)|free_links|batch)/.test(line));
    };
    const counted = await told('16');
    expect(counted.length).toBeGreaterThanOrEqual(least);
    expect(counted).toEqual(await told('0'));
  });
});

describe('A query of which something has changed', () => {
  it('shows it, and makes no call twice for that', async () => {
    const gateway = await aGateway();
    const known = await learn(gateway, linked);
    const before = await gateway.calls(linked);
    const uuid = /tenant_uuid|openstack-tenants/;
    expect(before.lines.some((line) => uuid.test(line))).toBe(true);
    const shown: string = known.data.securityGroups.nodes[3].name;
    const { world } = gateway.sandbox.waldur;
    for (const group of world.securityGroups.filter(({ name }) => name === shown)) {
      group.name = 'other';
    }
    const after = await gateway.calls(linked);
    expect(isUnchanged(gateway)).toBe(false);
    expect(after.answer.data.securityGroups.nodes[3].name).toBe('other');
    expect(after.lines).toEqual(before.lines);
  });

  it('asks nothing of what it would have led to before', async () => {
    const gateway = await aGateway();
    await learn(gateway, linked);
    const before = await gateway.calls(linked);
    gateway.sandbox.waldur.world.securityGroups.splice(0);
    const after = await gateway.calls(linked);
    expect(after.answer.data.securityGroups).toEqual({ totalCount: 0, nodes: [] });
    expect(after.lines).toEqual(before.lines.slice(0, 1));
  });

  it('shows what is no row, too', async () => {
    const gateway = await aGateway();
    const query = '{ projects { totalCount } }';
    const known = await learn(gateway, query);
    const { projects } = gateway.sandbox.waldur.world;
    projects.splice(
      projects.findIndex(({ isRemoved }) => !isRemoved),
      1,
    );
    const { data } = await gateway.run(query);
    expect(data.projects.totalCount).toBe(known.data.projects.totalCount - 1);
  });

  it.each([
    [
      'answers with a status',
      { kind: 'answer', answer: { status: 403, body: '{}' } } as const,
      'FORBIDDEN',
    ],
    ['breaks off', { kind: 'reset' } as const, 'UPSTREAM_UNAVAILABLE'],
  ])('fails when the cloud %s, and is known again when it is well', async (_how, fault, code) => {
    const gateway = await aGateway({ env: { UPSTREAM_RETRIES: '0' } });
    const known = await learn(gateway, linked);
    gateway.sandbox.waldur.server.inject({ times: 1, fault });
    const failed = await gateway.calls(linked);
    expect(failed.answer.errors?.[0]?.extensions.code).toBe(code);
    expect(failed.lines).toHaveLength(1);
    expect(await gateway.run(linked)).toEqual(known);
    expect(isUnchanged(gateway)).toBe(true);
  });
});

describe('A query that has been remembered', () => {
  it('has no more time than any other', async () => {
    const gateway = await aGateway({ env: { OPERATION_TIMEOUT_MS: '300' } });
    await learn(gateway, linked);
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'hang' } });
    const { errors } = await gateway.run(linked);
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_TIMEOUT');
    expect(gateway.vitals().underWay).toBe(0);
  });
});

describe('What is asked at once', () => {
  const two = `{
    groups: securityGroups(first: 2) { nodes { name tenant { quotas { name } } } }
    projects(first: 2) { nodes { name customer { email } } }
  }`;
  const isOfGroups = ({ path }: ReceivedCall) => path === '/api/openstack-security-groups/';
  const isOfProjects = ({ path }: ReceivedCall) => path === '/api/projects/';

  it('is not waited for in the order in which it has come before', async () => {
    const gateway = await aGateway({
      env: { OPERATION_TIMEOUT_MS: '700', UPSTREAM_RETRIES: '0' },
    });
    const { server } = gateway.sandbox.waldur;
    const end = server.inject({ when: isOfProjects, fault: { kind: 'delay', delayMs: 60 } });
    const known = await learn(gateway, two);
    await gateway.run(two);
    expect(isUnchanged(gateway)).toBe(true);
    end();
    server.inject({ when: isOfGroups, fault: { kind: 'hang' } });
    const { data, errors } = await gateway.run(two);
    expect(data.groups).toBeNull();
    expect(data.projects).toEqual(known.data.projects);
    expect(errors).toHaveLength(1);
  });

  it('is asked as often as it would be, also when it is asked twice', async () => {
    const gateway = await aGateway();
    const { projects } = gateway.sandbox.waldur.world;
    const project = projects.find(({ isRemoved }) => !isRemoved);
    const one = `search(text: "${project?.uuid}", types: [PROJECT]) { hits { nodes { ... on Project { name } } } }`;
    const query = `{ a: ${one} b: ${one} }`;
    await learn(gateway, query);
    await gateway.run(query);
    expect(isUnchanged(gateway)).toBe(true);
    Object.assign(project ?? {}, { name: 'other' });
    const { answer, lines } = await gateway.calls(query);
    expect(answer.data.a[0].hits.nodes[0].name).toBe('other');
    expect(answer.data.b).toEqual(answer.data.a);
    expect(lines).toHaveLength(1);
    expect(lastLine(gateway)).toMatchObject({ calls: 1, shared: 1 });
  });
});

describe('A query that is answered differently each time', () => {
  it('has missed once where many have missed at once', async () => {
    const gateway = await aGateway({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
    const [group] = gateway.sandbox.waldur.world.securityGroups;
    const query = `{ securityGroup(uuid: "${group?.uuid}") { name } }`;
    const byTwelve = async () => {
      const before = gateway.logged.length;
      const addresses = Array.from({ length: 12 }, (_, at) => `192.0.2.${at}`);
      await Promise.all(
        addresses.map((address) => gateway.run(query, { headers: { 'x-forwarded-for': address } })),
      );
      return gateway.logged.slice(before).filter((line) => line.includes('"unchanged":true'))
        .length;
    };
    await byTwelve();
    await byTwelve();
    expect(await byTwelve()).toBe(12);
    Object.assign(group ?? {}, { name: 'other' });
    const { letGo, arrived } = holding(gateway);
    const missing = byTwelve();
    await arrived(12);
    letGo();
    expect(await missing).toBe(0);
    expect(await byTwelve()).toBe(12);
  });

  it('is not one that others may not ask', async () => {
    const gateway = await aGateway();
    await learn(gateway, linked);
    for (let time = 0; time < 9; time += 1) {
      await gateway.run(linked, { headers: { authorization: 'Token gone' } });
    }
    await gateway.run(linked);
    expect(isUnchanged(gateway)).toBe(true);
  });

  it('is soon executed without more ado, and remembered again some time after that has ended', async () => {
    const gateway = await aGateway();
    const [group] = gateway.sandbox.waldur.world.securityGroups;
    const query = `{ securityGroup(uuid: "${group?.uuid}") { name } }`;
    const untilUnchanged = async () => {
      for (let times = 1; times < 100; times += 1) {
        await gateway.run(query);
        if (isUnchanged(gateway)) {
          return times;
        }
      }
      return undefined;
    };
    expect(await untilUnchanged()).toBe(3);
    for (let time = 0; time < 20; time += 1) {
      Object.assign(group ?? {}, { name: `name ${time}` });
      const { data } = await gateway.run(query);
      expect(data.securityGroup.name).toBe(`name ${time}`);
    }
    expect(await untilUnchanged()).toBeGreaterThan(5);
    // Once it is, what went before does not count.
    Object.assign(group ?? {}, { name: 'last' });
    expect(await untilUnchanged()).toBe(2);
  });
});

describe('Callers', () => {
  it('who may see different things are shown what each may see, however they take turns', async () => {
    const gateway = await aGateway();
    const query = '{ projects(first: 50) { nodes { name customer { name email } } } }';
    const callers = Object.keys(
      gateway.sandbox.callers,
    ) as (keyof typeof gateway.sandbox.callers)[];
    const own = new Map<string, Answer>();
    const calls = new Map<string, number>();
    for (const as of callers) {
      // Each for the first time, and by a query that nobody else has asked.
      own.set(as, await gateway.run(`query Of_${as} ${query}`, { as }));
      calls.set(as, lastLine(gateway).calls);
    }
    expect(
      new Set(Array.from(own.values(), (answer) => JSON.stringify(answer))).size,
    ).toBeGreaterThan(2);
    for (let turn = 0; turn < 3; turn += 1) {
      for (const as of callers) {
        const { data } = await gateway.run(query, { as });
        expect([as, data]).toEqual([as, own.get(as)?.data]);
        // What is asked to find out whose course it takes is asked once.
        expect([as, lastLine(gateway).calls]).toEqual([as, calls.get(as)]);
      }
    }
  });

  it('who may see nothing any more are shown nothing', async () => {
    const gateway = await aGateway();
    await learn(gateway, linked);
    const { errors } = await gateway.run(linked, { headers: { authorization: 'Token gone' } });
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const anonymous = await gateway.run(linked, { headers: { authorization: '' } });
    expect(anonymous.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('Never answered as before', () => {
  it.each([
    ['what is made of the time', '{ problems(minutes: 0, first: 3) { nodes { __typename } } }'],
    ['what Danube is asked for', '{ virtualMachines(first: 2) { nodes { hostname } } }'],
    ['what errors are in', '{ viewer { uuid } virtualMachine(hostname: "none") { hostname } }'],
    ['what is not there', `{ project(uuid: "${'0'.repeat(32)}") { name } }`],
  ])('is %s', async (_what, query) => {
    const gateway = await aGateway();
    for (let time = 0; time < 4; time += 1) {
      await gateway.run(query);
      expect(isUnchanged(gateway)).toBe(false);
    }
  });

  it('is what the cloud should not have sent, though it always sends it', async () => {
    const gateway = await aGateway();
    const change = ({
      body = '',
      ...answer
    }: {
      readonly status: number;
      readonly body?: string;
    }) => ({
      ...answer,
      body: body.replaceAll('"name":"', '"name":7,"was":"'),
    });
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'change', change } });
    for (let time = 0; time < 4; time += 1) {
      const { errors } = await gateway.run('{ projects(first: 1) { nodes { uuid name } } }');
      expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_FAILED');
      expect(isUnchanged(gateway)).toBe(false);
    }
  });

  it('is what is to be explained', async () => {
    const gateway = await aGateway();
    await learn(gateway, linked);
    const { extensions } = (await gateway.run(linked, {
      headers: { 'x-explain': '1' },
    })) as Answer & { readonly extensions: { explain: { plans: unknown[] } } };
    expect(extensions.explain.plans.length).toBeGreaterThan(0);
    expect(isUnchanged(gateway)).toBe(false);
  });

  it('is anything, where nothing may be kept', async () => {
    const gateway = await aGateway({ env: { KEEP_UNCHANGED_MIB: '0' } });
    await learn(gateway, linked);
    await gateway.run(linked);
    expect(isUnchanged(gateway)).toBe(false);
  });

  it('is what there is no room for', async () => {
    const gateway = await aGateway({ config: { unchangedBytes: 20_000 } });
    const small = '{ customers(first: 1) { nodes { name } } }';
    const large = '{ securityGroups(first: 100) { nodes { name description } } }';
    for (const query of [large, small]) {
      await learn(gateway, query);
      await gateway.run(query);
      expect(isUnchanged(gateway)).toBe(query === small);
    }
    for (let other = 0; other < 50; other += 1) {
      await learn(gateway, `query Other${other} ${small}`);
    }
    await gateway.run(small);
    expect(isUnchanged(gateway)).toBe(false);
  });
});

describe('What is remembered', () => {
  it('goes for nothing that there is no room for', async () => {
    const gateway = await aGateway({ config: { unchangedBytes: 430_000 } });
    const query = '{ securityGroups(first: 100) { nodes { name description } } }';
    await learn(gateway, query, { as: 'owner' });
    await learn(gateway, query, { as: 'staff' });
    await gateway.run(query, { as: 'staff' });
    expect(isUnchanged(gateway)).toBe(false);
    await gateway.run(query, { as: 'owner' });
    expect(isUnchanged(gateway)).toBe(true);
  });

  it('goes for nothing that nobody may ask', async () => {
    const gateway = await aGateway({ config: { unchangedBytes: 50_000 } });
    const query = '{ customers(first: 1) { nodes { name } } }';
    await learn(gateway, query);
    for (let time = 0; time < 200; time += 1) {
      await gateway.run(`query Q${time} ${query}`, { headers: { authorization: 'Token gone' } });
    }
    await gateway.run(query);
    expect(isUnchanged(gateway)).toBe(true);
  });

  it('is no answer to a number that is none', async () => {
    const gateway = await aGateway();
    const ask = async (count: string) => {
      const query = 'query ($n: Int) { customers(first: $n) { nodes { name } } }';
      const response = await gateway.request({
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Token ${gateway.sandbox.callers.staff.waldurToken}`,
          'x-explain': '0',
        },
        body: `{"query":${JSON.stringify(query)},"variables":{"n":${count}}}`,
      });
      return (await response.json()) as Answer;
    };
    await ask('null');
    await ask('null');
    expect((await ask('null')).errors).toBeUndefined();
    expect(isUnchanged(gateway)).toBe(true);
    expect((await ask('1e999')).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('A plan', () => {
  it('is made by what its own caller knows, and anew when that is more', async () => {
    const options = {
      env: { TRUSTED_PROXIES: '127.0.0.1' },
      sizes: { securityGroups: 5_000, projects: 100, customers: 20 },
    };
    const lists =
      '{ projects(first: 20) { nodes { securityGroups(first: 5) { nodes { name } } } } }';
    const gateway = await aGateway(options);
    await learn(gateway, lists);
    const known = await gateway.calls(lists);
    expect(isUnchanged(gateway)).toBe(true);
    const alone = await (await aGateway(options)).calls(lists);
    expect(known.lines.length).toBeLessThan(alone.lines.length);
    // Of another caller nothing is known. Calls over several connections may overtake each other.
    const beside = await gateway.calls(lists, { headers: elsewhere });
    expect(beside.lines.toSorted()).toEqual(alone.lines.toSorted());
  });

  it('tells whoever asks how large lists are, as it would otherwise', async () => {
    const lists =
      '{ projects(first: 20) { nodes { securityGroups(first: 5) { nodes { name } } } } }';
    const list = '{ securityGroups(first: 1) { totalCount nodes { name } } }';
    const asked = async (mebibytes: string) => {
      const gateway = await aGateway({
        env: { TRUSTED_PROXIES: '127.0.0.1', KEEP_UNCHANGED_MIB: mebibytes },
        sizes: { securityGroups: 5_000, projects: 100, customers: 20 },
      });
      await learn(gateway, list);
      // Somebody of whom nothing is known.
      await gateway.run(list, { headers: elsewhere });
      expect(isUnchanged(gateway)).toBe(mebibytes !== '0');
      const { lines } = await gateway.calls(lists, { headers: elsewhere });
      return lines.toSorted();
    };
    expect(await asked('16')).toEqual(await asked('0'));
  });
});

describe('Whatever is asked, and whatever changes in between', () => {
  it('is answered as it would be if nothing was ever remembered', async () => {
    const gateway = await aGateway();
    const { url } = gateway.sandbox.waldur.server;
    const forgetful = await aGateway({ env: { KEEP_UNCHANGED_MIB: '0', WALDUR_URL: url } });
    let unchanged = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (number) => {
        const random = openRandom(number);
        const query = randomQuery(number, gateway.sandbox);
        for (let time = 0; time < 4; time += 1) {
          const as = random.pick(['staff', 'owner'] as const);
          if (random.chance(0.4)) {
            changeSomething(gateway, random);
          }
          const answer = await gateway.run(query, { as });
          unchanged += isUnchanged(gateway) ? 1 : 0;
          expect(answer).toEqual(await forgetful.run(query, { as }));
        }
      }),
      { numRuns: 100 },
    );
    expect(unchanged).toBeGreaterThan(20);
  });
});

/** One row of the world is named otherwise, or goes. */
function changeSomething({ sandbox }: TestGateway, random: ReturnType<typeof openRandom>): void {
  const { world } = sandbox.waldur;
  const rows = random.pick([world.customers, world.projects, world.tenants, world.securityGroups]);
  random.pick(rows as { name: string }[]).name = `changed ${random.integer(1, 1_000_000)}`;
  if (random.chance(0.3) && world.securityGroups.length > 10) {
    world.securityGroups.splice(random.integer(0, 5), 1);
  }
}
