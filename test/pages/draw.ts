/** `npm run pictures`: draws docs/pictures anew, from runs of this code. */

import { writeFileSync } from 'node:fs';
import { draw, scenes } from './waterfalls.ts';

for (const scene of scenes) {
  const { svg, calls } = await draw(scene);
  writeFileSync(new URL(`../../docs/pictures/${scene.name}.svg`, import.meta.url), svg);
  console.log(`${scene.name}: ${calls.join(' calls by REST, ')} by one query`);
}
