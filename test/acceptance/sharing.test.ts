/** What requests at the same time share, and what they never do. */

import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReceivedCall } from '../../src/sandbox/server.ts';
import { aGateway, type CallerName, type TestGateway } from '../a-gateway.ts';
import { randomQuery } from '../random-queries.ts';
import { holding } from './holding.ts';

const list = '{ securityGroups(first: 5) { nodes { name } } }';

describe('Requests of one caller at the same time', () => {
  it('share a call upstream', async () => {
    const gateway = await aGateway();
    const { letGo, arrived } = holding(gateway);
    const first = gateway.run(list);
    await arrived(1);
    // Another operation, so that only the call is the same.
    const second = gateway.run(`query Other ${list}`);
    await gateway.run('{ __typename }');
    letGo();
    expect(await second).toEqual(await first);
    expect(gateway.sandbox.waldur.server.calls).toHaveLength(1);
  });

  it('share none across a write', async () => {
    const gateway = await aGateway();
    const [allocation] = gateway.sandbox.waldur.world.allocations;
    Object.assign(allocation ?? {}, { state: 'OK', name: 'before' });
    const query = `{ allocation(uuid: "${allocation?.uuid}") { name } }`;
    const { letGo, arrived } = holding(gateway, ({ method }) => method === 'GET');
    const before = gateway.run(query);
    await arrived(1);
    await gateway.run(
      `mutation { updateAllocation(input: { uuid: "${allocation?.uuid}", name: "after" }) { __typename } }`,
    );
    const after = gateway.run(query);
    await arrived(2);
    letGo();
    expect((await after).data.allocation.name).toBe('after');
    await before;
  });

  it('go on when another leaves', async () => {
    const gateway = await aGateway();
    const { letGo, arrived } = holding(gateway);
    const leaving = new AbortController();
    const first = gateway.run(list, { signal: leaving.signal });
    await arrived(1);
    const second = gateway.run(list);
    // The second has joined when a request after it has been answered.
    await gateway.run('{ __typename }');
    leaving.abort();
    await expect(first).rejects.toThrow();
    await gateway.run('{ __typename }');
    letGo();
    expect((await second).errors).toBeUndefined();
    expect(gateway.sandbox.waldur.server.calls[0]?.aborted).toBeUndefined();
  });
});

describe('The same query of one caller at the same time', () => {
  it.each([
    ['the short way', {}],
    ['the long way', { accept: 'application/json;q=0.9' }],
    ['the long way, as its cost is counted', {}],
  ])('is no other query, nor one with other variables, on %s', async (way, headers) => {
    const isCounted = way.endsWith('counted');
    const gateway = await aGateway({ env: { MAX_COST_PER_MINUTE: isCounted ? '1000000' : '0' } });
    const { letGo, arrived } = holding(gateway);
    const first = (count: number) =>
      gateway.run('query First($count: Int) { projects(first: $count) { nodes { name } } }', {
        headers,
        variables: { count },
      });
    const answers = [
      first(1),
      first(2),
      gateway.run('{ customers(first: 1) { nodes { name } } }', { headers }),
    ];
    await arrived(3);
    letGo();
    const [one, two, other] = await Promise.all(answers);
    expect(one?.data.projects.nodes).toHaveLength(1);
    expect(two?.data.projects.nodes).toHaveLength(2);
    expect(other?.data.customers.nodes).toHaveLength(1);
  });

  /** Needs a call for the rows, and another for their customers. */
  const query = '{ securityGroups(first: 5) { nodes { customer { email } } } }';
  const atCustomers = ({ path }: ReceivedCall) => path.startsWith('/api/customers/');
  /** Requests that were sent before this have arrived, and those that could join have joined. */
  const settle = async (gateway: TestGateway) => {
    await gateway.run('{ __typename }');
    await gateway.run('{ a: __typename }');
  };

  /** The answers to two who ask for the same, the second while the first is under way. */
  const together = async (gateway: TestGateway) => {
    const { letGo, arrived } = holding(gateway, atCustomers);
    const first = gateway.run(query);
    await arrived(1);
    const second = gateway.run(query);
    await settle(gateway);
    letGo();
    return Promise.all([first, second]);
  };

  it('is executed once', async () => {
    const gateway = await aGateway();
    const [first, second] = await together(gateway);
    expect(second).toEqual(first);
    expect(gateway.sandbox.waldur.server.calls.filter((call) => !atCustomers(call))).toHaveLength(
      1,
    );
  });

  it('tells each client what is left of its own allowance', async () => {
    const gateway = await aGateway({ env: { MAX_COST_PER_MINUTE: '1000' } });
    const answers = (await together(gateway)) as readonly { extensions?: unknown }[];
    expect(answers.map(({ extensions }) => extensions)).toMatchObject([
      { rateLimit: { remaining: 980 } },
      { rateLimit: { remaining: 960 } },
    ]);
  });

  it.each<[string, Parameters<TestGateway['run']>]>([
    ['by another caller', [query, { as: 'owner' }]],
    ['with other variables', [query, { variables: { unused: 1 } }]],
    ['in another document', [`${query} `]],
    ['with an explanation', [query, { headers: { 'x-explain': '1' } }]],
  ])('is executed again %s', async (_difference, again) => {
    const gateway = await aGateway();
    const { letGo, arrived } = holding(gateway, atCustomers);
    const first = gateway.run(query);
    await arrived(1);
    const second = gateway.run(...again);
    const { calls } = gateway.sandbox.waldur.server;
    await expect.poll(() => calls.filter((call) => !atCustomers(call)).length).toBe(2);
    letGo();
    expect((await first).errors).toBeUndefined();
    expect((await second).errors).toBeUndefined();
  });

  it('is executed again after a change', async () => {
    const gateway = await aGateway();
    const { letGo, arrived } = holding(gateway, atCustomers);
    const first = gateway.run(query);
    await arrived(1);
    await gateway.run(`mutation { pullAllocation(uuid: "${'0'.repeat(32)}") { __typename } }`);
    const second = gateway.run(query);
    const { calls } = gateway.sandbox.waldur.server;
    const lists = () => calls.filter(({ path }) => path === '/api/openstack-security-groups/');
    await expect.poll(() => lists().length).toBe(2);
    letGo();
    await Promise.all([first, second]);
  });

  it('is answered for those who stay when the first leaves', async () => {
    const gateway = await aGateway();
    const { letGo, arrived } = holding(gateway, atCustomers);
    const leaving = new AbortController();
    const first = gateway.run(query, { signal: leaving.signal });
    await arrived(1);
    const second = gateway.run(query);
    await settle(gateway);
    leaving.abort();
    await expect(first).rejects.toThrow();
    await settle(gateway);
    letGo();
    const { data, errors } = await second;
    expect(errors).toBeUndefined();
    expect(data.securityGroups.nodes).toHaveLength(5);
  });
});

describe('A client that leaves', () => {
  it('ends its calls upstream, when nobody else waits for them', async () => {
    const gateway = await aGateway();
    const { letGo, arrived } = holding(gateway);
    const leaving = new AbortController();
    const answer = gateway.run(list, { signal: leaving.signal });
    await arrived(1);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await expect.poll(() => gateway.sandbox.waldur.server.calls[0]?.aborted).toBe(true);
    letGo();
  });
});

/** Sends from an address of the loopback network, so that Waldur sees several clients. */
async function runFrom(
  gateway: TestGateway,
  localAddress: string,
  as: CallerName,
  impersonated: string | undefined,
  query: string,
): Promise<unknown> {
  const { waldurToken, danubeApiKey } = gateway.sandbox.callers[as];
  const response = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    const sent = httpRequest(gateway.url, {
      method: 'POST',
      localAddress,
      agent: false,
      headers: {
        'content-type': 'application/json',
        authorization: `Token ${waldurToken}`,
        'x-danube-api-key': danubeApiKey,
        ...(impersonated === undefined ? {} : { 'x-impersonated-user-uuid': impersonated }),
      },
    });
    sent.once('response', resolve).once('error', reject);
    sent.end(JSON.stringify({ query }));
  });
  return JSON.parse(await text(response)) as unknown;
}

describe('Callers at the same time', () => {
  const anyCaller = fc.record({
    as: fc.constantFrom<CallerName>('staff', 'owner', 'member', 'stranger'),
    address: fc.constantFrom('127.0.0.1', '127.0.0.2'),
    impersonates: fc.constantFrom(undefined, undefined, 'owner', 'member'),
  });

  it('never see what the other alone may see, however they interleave', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000),
        fc.nat(),
        fc.array(anyCaller, { minLength: 2, maxLength: 6 }),
        async (seed, query, callers) => {
          const open = async () => {
            const gateway = await aGateway({
              seed,
              sizes: { customers: 3, projects: 9, tenants: 9, securityGroups: 40 },
            });
            // The owner's organization is to be seen from one of the two addresses alone.
            const [customer] = gateway.sandbox.waldur.world.customers;
            Object.assign(customer ?? {}, { accessSubnet: '127.0.0.1' });
            return gateway;
          };
          await using together = await open();
          const uuidOf = (name: string | undefined) =>
            together.sandbox.waldur.world.users.find(({ username }) => username === name)?.uuid;
          const text = randomQuery(query, together.sandbox);
          const ask = (
            gateway: TestGateway,
            { as, address, impersonates }: (typeof callers)[number],
          ) =>
            // Waldur lets staff alone act as others.
            runFrom(gateway, address, as, as === 'staff' ? uuidOf(impersonates) : undefined, text);
          const answers = await Promise.all(callers.map((caller) => ask(together, caller)));
          for (const [index, caller] of callers.entries()) {
            await using separate = await open();
            const alone = await ask(separate, caller);
            expect(withoutOrigin(answers[index])).toEqual(withoutOrigin(alone));
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

function withoutOrigin(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer).replaceAll(/127\.0\.0\.1:\d+/g, 'sandbox'));
}

describe('After many requests', () => {
  it('nothing is left of them', { timeout: 120_000 }, async () => {
    const gateway = await aGateway({ sizes: { securityGroups: 20 } });
    const queries = [
      '{ viewer { username } }',
      '{ securityGroups(first: 2) { nodes { customer { email } } } }',
      '{ allocations(first: 1) { totalCount } }',
    ];
    const round = async (requests: number) => {
      for (let sent = 0; sent < requests; sent += 50) {
        await Promise.all(
          Array.from({ length: 50 }, async (_, at) => {
            const leaving = new AbortController();
            const answer = gateway.run(queries[at % queries.length] as string, {
              as: at % 2 === 0 ? 'staff' : 'owner',
              signal: leaving.signal,
            });
            if (at % 10 === 0) {
              leaving.abort();
            }
            await answer.catch(() => undefined);
          }),
        );
      }
      await expect.poll(() => gateway.vitals().underWay).toBe(0);
      const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
      return { ...gateway.vitals(), timers };
    };
    const before = await round(500);
    const after = await round(3_000);
    expect(after.knownCallers).toBe(before.knownCallers);
    // The connections that are kept have timers of their own, a few more or less.
    expect(after.timers).toBeLessThanOrEqual(before.timers + 20);
  });
});
