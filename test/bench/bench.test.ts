/** The benchmark works; how fast anything is is not a test's business. */

import { expect, it } from 'vitest';
import { measureGrowth } from './growth.ts';
import { measure } from './measure.ts';
import { growthPicture, timePicture } from './picture.ts';
import { growthTable, timeTable } from './report.ts';

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
  expect(timeTable(measured).split('\n')).toHaveLength(measured.length + 3);
  expect(timePicture(measured)).not.toMatch(/NaN|undefined/);
});

it('tells what grows with rows and worlds', { timeout: 60_000 }, async () => {
  const grown = await measureGrowth({
    worlds: [60, 70],
    rows: [10, 55],
    clients: 2,
    forMs: 1,
    turns: 1,
  });
  const kinds = [
    '50 a flat list',
    '50 links in the payload',
    '50 links that need a call',
    '20 lists in a list',
    '1 one with its rules',
  ];
  expect(grown.byWorld.map(({ world, rows, query }) => `${world} ${rows} ${query}`)).toEqual(
    kinds.flatMap((kind) => [`60 ${kind}`, `70 ${kind}`]),
  );
  expect(grown.byRows.map(({ rows, calls }) => [rows, calls])).toEqual([
    [10, 1],
    [55, 1],
  ]);
  for (const { cpuMs } of [...grown.byRows, ...grown.byWorld]) {
    expect(cpuMs).toBeGreaterThan(0);
    expect(cpuMs).toBeLessThan(10_000);
  }
  const lines = growthTable(grown).split('\n');
  expect(lines.filter((line) => /^\| (10|55) \| [\d.]+ \|/.test(line))).toHaveLength(2);
  expect(
    lines.filter((line) => /^\| [alo][^|]+(\| [\d.]+ \(\d[^|]* ){2}\|$/.test(line)),
  ).toHaveLength(5);
  expect(growthPicture(grown)).not.toMatch(/NaN|undefined|Infinity/);
});
