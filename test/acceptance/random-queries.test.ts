/** Whatever a client asks: planned or not, analysed or not, the answer is the same. */

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { type Answer, aGateway, type TestGateway } from '../a-gateway.ts';
import { randomQuery } from '../random-queries.ts';

const analysis = vi.hoisted(() => ({ isOn: true }));
const planner = vi.hoisted(() => ({ isOn: true }));

/** Without it each row and each list is asked for alone. */
vi.mock(import('../../src/upstream/waldur/plan.ts'), async (load) => {
  const real = await load();
  return {
    ...real,
    cheapest: (plans) => (planner.isOn ? real.cheapest(plans) : (plans[0] ?? real.cheapest(plans))),
  };
});

vi.mock(import('../../src/graph/selection.ts'), async (load) => {
  const real = await load();
  return {
    ...real,
    wantedIn: (...given) => (analysis.isOn ? real.wantedIn(...given) : {}),
    wantedInConnection: (...given) => {
      const { nodes } = real.wantedInConnection(...given);
      return { nodes: analysis.isOn || nodes === null ? nodes : {} };
    },
  };
});

/** Small enough that all of it is often seen, large enough for lists of more than a page. */
const anyWorld = fc.record({
  seed: fc.nat(1_000),
  sizes: fc.record({
    customers: fc.integer({ min: 1, max: 8 }),
    projects: fc.integer({ min: 1, max: 40 }),
    tenants: fc.integer({ min: 1, max: 12 }),
    securityGroups: fc.constantFrom(1, 30, 299, 301, 700),
    serverGroups: fc.constantFrom(1, 30),
    allocations: fc.constantFrom(1, 30),
  }),
});

/** Knowledge that is right, wrong, or not there. */
const anyKnowledge = fc.constantFrom('none', 'right', 'too small', 'too large');

async function learn(gateway: TestGateway, knowledge: string): Promise<void> {
  if (knowledge === 'none') {
    return;
  }
  const forget =
    knowledge === 'right'
      ? () => {}
      : gateway.sandbox.waldur.server.inject({
          fault: {
            kind: 'change',
            change: (answer) => ({
              ...answer,
              headers: {
                ...answer.headers,
                'x-result-count': knowledge === 'too small' ? '1' : '99999',
              },
            }),
          },
        });
  await gateway.run(
    '{ customers { totalCount } projects { totalCount } tenants { totalCount } securityGroups { totalCount } serverGroups { totalCount } allocations { totalCount } }',
  );
  forget();
}

const asked = async (gateway: TestGateway, sandbox: Sandbox, seed: number) =>
  gateway.calls(randomQuery(seed, sandbox));

/** Errors come in the order in which calls end, and each world has a port of its own. */
function comparable({ data, errors }: Answer) {
  const places = errors?.map(({ path, extensions }) => `${path?.join('.')}: ${extensions.code}`);
  const text = JSON.stringify(data).replaceAll(/127\.0\.0\.1:\d+/g, 'sandbox');
  return { data: JSON.parse(text) as unknown, errors: places?.sort() };
}

describe('A random query', () => {
  it('is answered as one that asks for each row alone, in no more calls', {
    timeout: 120_000,
  }, async () => {
    let calls = 0;
    let naiveCalls = 0;
    await fc.assert(
      fc.asyncProperty(
        anyWorld,
        anyKnowledge,
        fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
        async (world, knowledge, seeds) => {
          for (const seed of seeds) {
            await using planning = await aGateway(world);
            await using simple = await aGateway(world);
            await learn(planning, knowledge);
            const planned = await asked(planning, planning.sandbox, seed);
            planner.isOn = false;
            const asking = await asked(simple, simple.sandbox, seed);
            planner.isOn = true;
            expect(comparable(planned.answer)).toEqual(comparable(asking.answer));
            // What is not known is found out by a first page that may not have been worth it.
            const wasted = planned.waldur.filter(
              ({ method, query }) =>
                method === 'GET' && query.get('page_size') === '300' && !query.has('page'),
            ).length;
            const most = asking.waldur.length + (knowledge === 'right' ? 0 : wasted);
            expect(planned.waldur.length).toBeLessThanOrEqual(most);
            calls += planned.waldur.length;
            naiveCalls += asking.waldur.length;
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(calls).toBeLessThan(naiveCalls);
  });

  it('is answered the same without analysis of its selection', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, fc.nat(), async (world, seed) => {
        await using gateway = await aGateway(world);
        const query = randomQuery(seed, gateway.sandbox);
        analysis.isOn = false;
        const without = await gateway.run(query);
        analysis.isOn = true;
        const { answer, waldur } = await gateway.calls(query);
        expect(comparable(without)).toEqual(comparable(answer));
        expect(waldur.every(({ target }) => target.length < 4_000)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('needs no property that its analysis missed', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        await using gateway = await aGateway({ sizes: { securityGroups: 60 } });
        await gateway.run(randomQuery(seed, gateway.sandbox));
        const lines = gateway.logged.map((line) => JSON.parse(line) as { topUps?: string[] });
        expect(lines.flatMap(({ topUps }) => topUps ?? [])).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
