/** The benchmark works; how fast anything is is not a test's business. */

import { expect, it } from 'vitest';
import { measureGrowth } from './growth.ts';
import { measure } from './measure.ts';
import { growthTable, picture, table } from './report.ts';

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

it('tells what grows with rows and worlds', { timeout: 60_000 }, async () => {
  const grown = await measureGrowth({ worlds: [60, 70], rows: [55], latencyMs: 0, repeats: 1 });
  expect(grown.map(({ world, rows, query }) => `${world} ${rows} ${query}`)).toEqual([
    '60 50 a flat list',
    '60 50 links in the payload',
    '60 50 links that need a call',
    '60 20 lists in a list',
    '60 1 one with its rules',
    '60 55 a flat list',
    '70 50 a flat list',
    '70 50 links in the payload',
    '70 50 links that need a call',
    '70 20 lists in a list',
    '70 1 one with its rules',
  ]);
  expect(grown.filter(({ query }) => query === 'a flat list').map(({ calls }) => calls)).toEqual([
    1, 1, 1,
  ]);
  const lines = growthTable(grown).split('\n');
  expect(lines.filter((line) => line.startsWith('| 55 | '))).toHaveLength(1);
  expect(lines.filter((line) => /^\| (a|l|o)[^|]+\| [\d.]+ \(\d/.test(line))).toHaveLength(5);
});
