/** The cheapest way to N rows. */

import { describe, expect, it } from 'vitest';
import { type Demand, planLoad, weighedPlans } from '../../../src/upstream/waldur/plan.ts';

const demand = (count: number, owners: number): Demand[] =>
  Array.from({ length: count }, (_, at) => ({
    uuid: `u${at}`,
    owners: owners === 0 ? {} : { customer: `c${at % owners}` },
  }));

const comma = [{ owner: 'customer', parameter: 'customer', takesMany: true }];
const single = [{ owner: 'customer', parameter: 'customer_uuid', takesMany: false }];

describe('planLoad', () => {
  it('asks for one row by its detail', () => {
    expect(planLoad(demand(1, 1), comma, 100)).toEqual({ kind: 'details' });
  });

  it('lists by several owners in one call where the parameter takes several', () => {
    expect(planLoad(demand(30, 5), comma, 5_000)).toEqual({
      kind: 'grouped',
      parameter: 'customer',
      owners: [['c0', 'c1', 'c2', 'c3', 'c4']],
    });
  });

  it('keeps the request line short: at most 100 owners a call', () => {
    const plan = planLoad(demand(250, 250), comma, 100_000);
    expect(plan.kind === 'grouped' ? plan.owners.map(({ length }) => length) : []).toEqual([
      100, 100, 50,
    ]);
  });

  it('lists once for each owner where the parameter takes one', () => {
    const plan = planLoad(demand(30, 3), single, 10_000);
    expect(plan).toMatchObject({ kind: 'grouped', owners: [['c0'], ['c1'], ['c2']] });
  });

  it('scans a small collection rather than ask for each', () => {
    expect(planLoad(demand(30, 0), single, 200)).toEqual({ kind: 'scan' });
    expect(planLoad(demand(30, 20), single, 200)).toEqual({ kind: 'scan' });
  });

  it('never scans a large one for a few rows', () => {
    expect(planLoad(demand(5, 0), comma, 100_000)).toEqual({ kind: 'details' });
  });

  it('does not group when an owner is not known', () => {
    const some = [...demand(10, 2), { uuid: 'x', owners: {} }];
    const kinds = weighedPlans(some, comma, 100).map(({ plan }) => plan.kind);
    expect(kinds).toEqual(['details', 'scan']);
  });

  it('takes none that another would beat', () => {
    for (const total of [undefined, 1, 300, 301, 9_000]) {
      for (const [count, owners] of [
        [1, 1],
        [4, 2],
        [50, 50],
        [300, 7],
      ] as const) {
        const plans = weighedPlans(demand(count, owners), single, total);
        const taken = plans.find(
          ({ plan }) =>
            JSON.stringify(plan) === JSON.stringify(planLoad(demand(count, owners), single, total)),
        );
        expect(taken?.calls).toBe(Math.min(...plans.map(({ calls }) => calls)));
      }
    }
  });
});
