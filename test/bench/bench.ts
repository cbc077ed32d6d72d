/** `npm run bench`: the gateway against the REST calls that it takes the place of. Takes some minutes. */

import { writeFileSync } from 'node:fs';
import { measure } from './measure.ts';
import { picture, table } from './report.ts';

const measured = await measure({
  worlds: [1_000, 10_000, 100_000],
  rows: [1, 10, 50, 300],
  latencyMs: 10,
  forMs: 2_000,
});
const here = (name: string) => new URL(name, import.meta.url);
writeFileSync(here('results.md'), table(measured));
writeFileSync(here('results.svg'), picture(measured));
console.log(table(measured));
