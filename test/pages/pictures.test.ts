/** The pictures in docs show what this code does. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { draw, scenes } from './waterfalls.ts';

it.each(scenes)('$name has as many calls as a run of today', async (scene) => {
  const shown = readFileSync(
    new URL(`../../docs/pictures/${scene.name}.svg`, import.meta.url),
    'utf8',
  );
  const counts = [...shown.matchAll(/: (\d+) calls?, \d+ ms</g)].map(([, count]) => Number(count));
  expect((await draw(scene)).calls).toEqual(counts);
});
