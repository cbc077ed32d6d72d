/** Random queries with and without their documents' plans, upstream faults included. */

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { FaultRule } from '../../src/sandbox/server.ts';
import { type Answer, aGateway } from '../a-gateway.ts';
import { randomQuery } from '../random-queries.ts';

const plans = vi.hoisted(() => ({ areOn: true, used: 0, failed: 0 }));

vi.mock(import('../../src/graph/execution/execute.ts'), async (load) => {
  const real = await load();
  return {
    ...real,
    executeQuery: (args) => {
      plans.used += plans.areOn ? 1 : 0;
      return plans.areOn ? real.executeQuery(args) : undefined;
    },
  };
});

/** The same for every call that it strikes, so that it does not matter which comes first. */
const faults: readonly FaultRule['fault'][] = [
  { kind: 'answer', answer: { status: 500, body: '' } },
  { kind: 'answer', answer: { status: 403, body: '{"detail": "no"}' } },
  { kind: 'answer', answer: { status: 404, body: '{"detail": "Not found."}' } },
  { kind: 'answer', answer: { status: 200, body: '{' } },
  { kind: 'reset' },
  { kind: 'truncate', share: 0.5 },
  ...['uuid', 'name', 'state', 'rules', 'customer_name', 'project_uuid'].map((field) => ({
    kind: 'change' as const,
    change: (answer: { readonly status: number; readonly body?: string }) => ({
      ...answer,
      body: (answer.body ?? '').replaceAll(new RegExp(`"${field}":("[^"]*"|\\[)`, 'g'), (whole) =>
        whole.endsWith('[') ? whole : `"${field}":7`,
      ),
    }),
  })),
];

const anyFault = fc.record({
  fault: fc.constantFrom(...faults),
  struck: fc.constantFrom(
    'customers',
    'projects',
    'tenants',
    'security-groups',
    'server-groups',
    '',
  ),
});

/** Errors come in the order in which calls end; ids of the log and ports are new each time. */
function comparable({ data, errors }: Answer) {
  const told = errors?.map((error) =>
    JSON.stringify(error).replaceAll(/"errorId":"[^"]*"/g, '"errorId":""'),
  );
  return {
    data: JSON.stringify(data)?.replaceAll(/127\.0\.0\.1:\d+/g, 'sandbox'),
    errors: told?.sort(),
  };
}

describe('A random query', () => {
  it('is answered the same without a plan of its document', { timeout: 120_000 }, async () => {
    const options = {
      sizes: { securityGroups: 40, serverGroups: 10, allocations: 10 },
      // How often is another matter, and how long after it another.
      env: { UPSTREAM_RETRIES: '0', UPSTREAM_REST_MS: '1', KEEP_UNCHANGED_MIB: '0' },
    };
    const gateway = await aGateway(options);
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.option(anyFault), async (seed, struck) => {
        const query = randomQuery(seed, gateway.sandbox);
        const end =
          struck === null
            ? () => undefined
            : gateway.sandbox.waldur.server.inject({
                when: ({ path }) => path.includes(struck.struck),
                fault: struck.fault,
              });
        plans.areOn = true;
        const planned = await gateway.run(query);
        plans.areOn = false;
        const usual = await gateway.run(query);
        end();
        expect(comparable(planned)).toEqual(comparable(usual));
        plans.failed += usual.errors === undefined ? 0 : 1;
      }),
      { numRuns: 500 },
    );
    expect(plans.used).toBeGreaterThanOrEqual(500);
    expect(plans.failed).toBeGreaterThan(50);
  });
});
