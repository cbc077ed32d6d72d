/** What a server's `Retry-After` comes to. */

import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../src/upstream/http/retry-after.ts';

const nowMs = Date.parse('2026-11-21T12:00:00Z');
const hourMs = 3_600_000;

describe('Retry-After', () => {
  it.each<[string, string | string[] | undefined, number | undefined]>([
    ['seconds', '3', 3_000],
    ['a date', 'Sat, 21 Nov 2026 12:00:05 GMT', 5_000],
    ['a date that has been', 'Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['more than an hour', '7200', hourMs],
    ['more than a timer can wait', '3000000', hourMs],
    ['more than a number can hold', '9'.repeat(400), hourMs],
    ['a date in the next year', 'Sun, 21 Nov 2027 12:00:00 GMT', hourMs],
    ['something else', 'soon', undefined],
    ['several values', ['1', '2'], undefined],
    ['nothing', undefined, undefined],
  ])('reads %s', (_form, value, waitMs) => {
    expect(retryAfterMs(value, nowMs)).toBe(waitMs);
  });
});
