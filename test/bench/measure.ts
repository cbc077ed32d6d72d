/** How long each way takes, for pages and worlds of several sizes. */

import { isDeepStrictEqual } from 'node:util';
import { openGateway, openWorld } from './processes.ts';
import { type WayName, ways, waysTo } from './ways.ts';

export interface Plan {
  /** Security groups in the world. */
  readonly worlds: readonly number[];
  /** Security groups on a page. */
  readonly rows: readonly number[];
  /** From a call to a cloud to its answer. */
  readonly latencyMs: number;
  /** How long each is repeated. */
  readonly forMs: number;
}

export interface Measured {
  readonly world: number;
  readonly rows: number;
  readonly way: WayName;
  /** The median of one after the other. */
  readonly ms: number;
  /** For one answer. */
  readonly calls: number;
  readonly kib: number;
}

const leastRepeats = 3;

/** @throws when a way gives another answer than the others, where they should not differ */
export async function measure({ worlds, rows, latencyMs, forMs }: Plan): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const size of worlds) {
    await using stack = new AsyncDisposableStack();
    const world = await openWorld(stack, { securityGroups: size, latencyMs, callers: 1 });
    const gateway = await openGateway(stack, world);
    const byName = waysTo(world, gateway);
    for (const count of rows) {
      const [rest, ours] = [
        await byName['REST calls, as pages make them'](count),
        await byName.Stratograph(count),
      ];
      if (
        !isDeepStrictEqual(rest.groups, ours.groups) ||
        ours.groups.length !== Math.min(count, size)
      ) {
        throw new Error(`other answers for ${count} rows of ${size}`);
      }
      for (const way of ways) {
        // What is seldom asked for is slow at first.
        await byName[way](count);
        await world.calls();
        const times: number[] = [];
        let bytes = 0;
        const untilMs = performance.now() + forMs;
        while (times.length < leastRepeats || performance.now() < untilMs) {
          const startedMs = performance.now();
          ({ bytes } = await byName[way](count));
          times.push(performance.now() - startedMs);
        }
        times.sort((one, other) => one - other);
        measured.push({
          world: size,
          rows: count,
          way,
          ms: times[times.length >> 1] ?? 0,
          calls: (await world.calls()) / times.length,
          kib: bytes / 1024,
        });
      }
    }
  }
  return measured;
}
