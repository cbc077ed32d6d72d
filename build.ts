/** `npm run build`: dist/, which is the sources without their types and what GraphiQL's page is made of. */

import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
const { status } = spawnSync('tsc', ['--project', 'tsconfig.build.json'], { stdio: 'inherit' });
for (const folder of ['page', 'examples']) {
  cpSync(`src/edge/explorer/${folder}`, `dist/edge/explorer/${folder}`, { recursive: true });
}
process.exitCode = status ?? 1;
