/** `npm run bench`: the gateway against the REST calls that it takes the place of. Takes some minutes. */

import { writeFileSync } from 'node:fs';
import { measureGrowth } from './growth.ts';
import { measure } from './measure.ts';
import { growthTable, picture, table } from './report.ts';

const worlds = [1_000, 10_000, 100_000];
const measured = await measure({
  worlds,
  rows: [1, 10, 50, 300],
  latencyMs: 10,
  forMs: 1_000,
});
const here = (name: string) => new URL(name, import.meta.url);
const grown = await measureGrowth({
  worlds,
  rows: [50, 100, 200, 300],
  latencyMs: 30,
  repeats: 16,
});
const tables = `${table(measured)}
${growthTable(grown)}`;
writeFileSync(here('results.md'), tables);
writeFileSync(here('results.svg'), picture(measured));
console.log(tables);
