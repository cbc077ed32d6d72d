/** What is done for many at a time. */

import { expect, it } from 'vitest';
import { Batch } from '../../src/edge/batch.ts';

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
