/** When something that changes by itself is looked at again. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { waits } from '../../src/session/polling.ts';

const pace = { firstMs: 2_000, leastMs: 1_000, mostMs: 5_000 };

describe('The waits between looks', () => {
  it('begin with two seconds, and grow from one to five', () => {
    const first = [...waits(pace, 60_000)].slice(0, 8);
    expect(first).toEqual([2_000, 1_000, 1_500, 2_250, 3_375, 5_000, 5_000, 5_000]);
  });

  it.each([
    [1_000, [1_000]],
    [2_000, [2_000]],
    [3_500, [2_000, 1_000, 500]],
    [0, []],
  ])('end with the time: %i ms', (timeoutMs, expected) => {
    expect([...waits(pace, timeoutMs)]).toEqual(expected);
  });

  it('add up to the time, none longer than the longest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600_000 }), (timeoutMs) => {
        const all = [...waits(pace, timeoutMs)];
        expect(all.reduce((sum, waitMs) => sum + waitMs, 0)).toBe(timeoutMs);
        expect(Math.max(...all)).toBeLessThanOrEqual(pace.mostMs);
        expect(Math.min(...all)).toBeGreaterThan(0);
      }),
    );
  });
});
