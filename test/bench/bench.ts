/** `npm run bench`: the gateway against the REST calls that it takes the place of. Takes some minutes. */

import { writeFileSync } from 'node:fs';
import { measureGrowth } from './growth.ts';
import { measure } from './measure.ts';
import { growthPicture, timePicture } from './picture.ts';
import { growthTable, timeTable } from './report.ts';

const worlds = [1_000, 10_000, 100_000];
const measured = await measure({
  worlds,
  rows: [1, 10, 50, 300],
  latencyMs: 10,
  forMs: 1_000,
});
const grown = await measureGrowth({
  worlds,
  rows: [50, 100, 150, 200, 250, 300],
  // Enough to keep the gateway at work; with more, pages lie half done while the world is asked.
  clients: 8,
  forMs: 400,
  turns: 16,
});
const here = (name: string) => new URL(name, import.meta.url);
const tables = `${timeTable(measured)}
${growthTable(grown)}`;
writeFileSync(here('results.md'), tables);
writeFileSync(here('results.svg'), timePicture(measured));
writeFileSync(here('growth.svg'), growthPicture(grown));
console.log(tables);
