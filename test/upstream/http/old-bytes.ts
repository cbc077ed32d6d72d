/** What lives long, for programs that have `--expose-gc`. */

import { getHeapSpaceStatistics } from 'node:v8';

/** Two minor collections: what is still there then is among what lives long. */
export function collect(): void {
  for (let times = 0; times < 2; times += 1) {
    globalThis.gc?.({ type: 'minor' });
  }
}

/** Of what V8 collects only when it collects everything. */
export function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name.startsWith('old'))
    .reduce((sum, { space_used_size: size }) => sum + size, 0);
}
