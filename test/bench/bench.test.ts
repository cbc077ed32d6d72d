/** The benchmark works; how fast anything is is not a test's business. */

import { expect, it } from 'vitest';
import { measure } from './measure.ts';
import { picture, table } from './report.ts';

it('gives figures for each way, of answers that are the same', { timeout: 60_000 }, async () => {
  const measured = await measure({ worlds: [30], rows: [1, 10], latencyMs: 0, forMs: 1 });
  expect(measured.map(({ rows, way }) => `${rows} by ${way}`)).toEqual([
    '1 by REST calls, as pages make them',
    '1 by Stratograph',
    '1 by one REST call alone',
    '10 by REST calls, as pages make them',
    '10 by Stratograph',
    '10 by one REST call alone',
  ]);
  const callsFor = (way: string) =>
    measured.filter((one) => one.way === way).map(({ calls }) => calls);
  expect(callsFor('one REST call alone')).toEqual([1, 1]);
  const [rest = 0, ours = 0] = [
    callsFor('REST calls, as pages make them')[1],
    callsFor('Stratograph')[1],
  ];
  expect(ours).toBeGreaterThanOrEqual(1);
  expect(ours).toBeLessThanOrEqual(rest);
  expect(table(measured).split('\n')).toHaveLength(measured.length + 3);
  expect(picture(measured)).not.toMatch(/NaN|undefined/);
});
