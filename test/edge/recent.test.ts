/** What is known of those who come again. */

import { expect, it } from 'vitest';
import { Recent } from '../../src/edge/recent.ts';

it('is kept of ten thousand, and begun anew with the next', () => {
  const recent = new Recent<string | null, number>();
  recent.set(null, -1);
  for (let one = 1; one < 10_000; one += 1) {
    recent.set(`Token ${one}`, one);
  }
  expect([recent.get(null), recent.get('Token 9999')]).toEqual([-1, 9_999]);
  recent.set('Token 10000', 10_000);
  expect([recent.get(null), recent.get('Token 9999')]).toEqual([undefined, undefined]);
  expect(recent.get('Token 10000')).toBe(10_000);
});

it('is nothing of what is too long for a credential', () => {
  const recent = new Recent<string, number>();
  recent.set('a'.repeat(1_024), 1);
  recent.set('a'.repeat(1_025), 2);
  expect(recent.get('a'.repeat(1_024))).toBe(1);
  expect(recent.get('a'.repeat(1_025))).toBeUndefined();
});
