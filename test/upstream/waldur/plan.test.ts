/** The cheapest way to rows and lists. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cheapest,
  costOf,
  type Demand,
  type Grouping,
  type Surroundings,
  weighLists,
  weighLoads,
} from '../../../src/upstream/waldur/plan.ts';

const comma = { owner: 'customer', parameter: 'customer', takesMany: true };
const single = { owner: 'customer', parameter: 'customer_uuid', takesMany: false };
const project = { owner: 'project', parameter: 'project_uuid', takesMany: false };

const around = (
  total: number | undefined,
  groupings: readonly Grouping[] = [],
  more: Partial<Surroundings> = {},
): Surroundings => ({
  groupings,
  knowledge: { total: (owner) => (owner === undefined ? total : undefined) },
  weights: { call: 100, row: 0.25, expensive: 0.5 },
  expensive: 0,
  ownersPerCall: () => 100,
  pageSize: 300,
  ...more,
});

const demand = (count: number, owners: number): Demand[] =>
  Array.from({ length: count }, (_, at) => ({
    uuid: `u${at}`,
    owners: owners === 0 ? {} : { customer: `c${at % owners}`, project: `p${at}` },
  }));

const loads = (some: Demand[], surroundings: Surroundings) =>
  cheapest(weighLoads(some, surroundings));

const lists = (count: number, rows: number, customers: number, surroundings: Surroundings) =>
  cheapest(
    weighLists(
      demand(count, customers).map(({ owners }) => ({ owners, rows })),
      project,
      surroundings,
    ),
  );

describe('Rows by uuid', () => {
  it('are one detail when they are one', () => {
    expect(loads(demand(1, 1), around(100, [comma])).plan).toEqual({ kind: 'seeks' });
  });

  it('are one list of several owners where the parameter takes several', () => {
    expect(loads(demand(30, 5), around(5_000, [comma]))).toMatchObject({
      plan: { kind: 'grouped', parameter: 'customer', owners: [['c0', 'c1', 'c2', 'c3', 'c4']] },
      calls: 1,
    });
  });

  it('keep the request line short: as many owners a call as fit', () => {
    const { plan } = loads(demand(250, 250), around(100_000, [comma], { ownersPerCall: () => 80 }));
    const groups = plan.kind === 'grouped' ? plan.owners.map(({ length }) => length) : [];
    expect(groups).toEqual([80, 80, 80, 10]);
  });

  it('are one list for each owner where the parameter takes one', () => {
    expect(loads(demand(30, 3), around(100_000, [single])).plan).toMatchObject({
      kind: 'grouped',
      owners: [['c0'], ['c1'], ['c2']],
    });
  });

  it('are scanned from a small collection, and from one never seen', () => {
    expect(loads(demand(20, 0), around(290)).plan).toEqual({ kind: 'scan' });
    expect(loads(demand(20, 0), around(undefined)).plan).toEqual({ kind: 'scan' });
    expect(loads(demand(2, 0), around(undefined)).plan).toEqual({ kind: 'seeks' });
  });

  it('are sought in a large one', () => {
    expect(loads(demand(20, 0), around(100_000)).plan).toEqual({ kind: 'seeks' });
  });

  it('are not grouped when one of them does not tell its owner', () => {
    const some = [...demand(5, 1), { uuid: 'x', owners: {} }];
    const kinds = weighLoads(some, around(100_000, [comma])).map(({ plan }) => plan.kind);
    expect(kinds).toEqual(['seeks', 'scan']);
  });
});

describe('Lists of several owners', () => {
  it('are read together from a small collection', () => {
    expect(lists(20, 5, 20, around(1_000, [project, single]))).toMatchObject({
      plan: { kind: 'scan' },
      calls: 4,
      rows: 1_000,
    });
  });

  it('are asked for one by one in a large collection', () => {
    expect(lists(20, 5, 20, around(100_000, [project, single]))).toMatchObject({
      plan: { kind: 'seeks' },
      calls: 20,
      rows: 100,
    });
  });

  it('are read together by the owner above, where few of these have few rows', () => {
    const { plan, calls } = lists(20, 5, 4, around(100_000, [project, single]));
    expect(plan).toMatchObject({ kind: 'grouped', parameter: 'customer_uuid' });
    expect(calls).toBe(4);
  });

  it('turn from scan to seeks earlier when rows are dear', () => {
    const dear = around(1_500, [project], { expensive: 4 });
    expect(lists(20, 5, 20, around(1_500, [project])).plan.kind).toBe('scan');
    expect(lists(20, 5, 20, dear).plan.kind).toBe('seeks');
  });

  it('of which only numbers are wanted cost a row each', () => {
    expect(lists(3, 0, 3, around(100_000, [project]))).toMatchObject({
      plan: { kind: 'seeks' },
      calls: 3,
      rows: 3,
    });
  });
});

describe('The choice', () => {
  const anyAround = fc.record({
    total: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
    ofOwner: fc.option(fc.integer({ min: 0, max: 2_000 }), { nil: undefined }),
    expensive: fc.integer({ min: 0, max: 12 }),
    ownersPerCall: fc.integer({ min: 0, max: 110 }).map((owners) => () => owners),
    call: fc.integer({ min: 0, max: 500 }),
    row: fc.float({ min: 0, max: 2, noNaN: true }),
    dear: fc.float({ min: 0, max: 5, noNaN: true }),
    groupings: fc.subarray([comma, single, project]),
  });

  it('is never dearer than any other plan, and the same for the same', () => {
    fc.assert(
      fc.property(
        anyAround,
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 300 }),
        ({ total, ofOwner, call, row, dear, ...rest }, count, owners, rows) => {
          const given: Surroundings = {
            ...rest,
            knowledge: { total: (owner) => (owner === undefined ? total : ofOwner) },
            weights: { call, row, expensive: dear },
            pageSize: 300,
          };
          const some = demand(count, owners);
          for (const weigh of [
            () => weighLoads(some, given),
            () =>
              weighLists(
                some.map((one) => ({ owners: one.owners, rows })),
                project,
                given,
              ),
          ]) {
            const plans = weigh();
            const best = cheapest(plans);
            expect(plans.every(({ cost }) => best.cost <= cost)).toBe(true);
            expect(best.cost).toBe(costOf(best.calls, best.rows, given));
            expect(cheapest(weigh())).toEqual(best);
            expect(best.calls).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  it('never takes more calls than asking for each, while a row is no dearer than a call', () => {
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 40 }),
        (total, count, owners) => {
          const given = around(total, [comma, single, project]);
          expect(loads(demand(count, owners), given).calls).toBeLessThanOrEqual(count);
        },
      ),
    );
  });
});
