/** What is done for many at a time. */

import { expect, it } from 'vitest';
import { Batch, Run } from '../../src/edge/batch.ts';

it('is done for each in turn, and for all that have come when it is asked for', () => {
  const told: number[] = [];
  const batch = new Batch<number>((thing) => void told.push(thing));
  const things = Array.from({ length: 1_000 }, (_, at) => at);
  for (const thing of things) {
    batch.add(thing);
    // Nothing is gathered without an end.
    expect(thing - told.length).toBeLessThan(64);
  }
  batch.flush();
  batch.flush();
  expect(told).toEqual(things);
});

it('is added up while the labels are the same', () => {
  const told: (readonly [object, number])[] = [];
  const run = new Run<{ of: string; at: number }>((labels, sum) => void told.push([labels, sum]));
  run.flush();
  run.add({ of: 'a', at: 1 }, 2);
  run.add({ of: 'a', at: 1 }, 3);
  expect(told).toEqual([]);
  run.add({ of: 'a', at: 2 }, 5);
  run.add({ of: 'b', at: 2 }, 7);
  run.add({ of: 'a', at: 1 }, 11);
  run.flush();
  run.flush();
  expect(told).toEqual([
    [{ of: 'a', at: 1 }, 5],
    [{ of: 'a', at: 2 }, 5],
    [{ of: 'b', at: 2 }, 7],
    [{ of: 'a', at: 1 }, 11],
  ]);
});
