/** When something that changes by itself is looked at again. */

import { setTimeout as delay } from 'node:timers/promises';

/** All in milliseconds. */
export interface Pace {
  /** From the change to the first look. */
  readonly firstMs: number;
  /** Between the first looks. */
  readonly leastMs: number;
  /** Between later looks. */
  readonly mostMs: number;
}

/** Each wait is so many times the one before, until the longest is reached. */
const growth = 1.5;

/**
 * The waits before each look, in milliseconds; the last ends with the time.
 *
 * @param timeoutMs - for all of them together
 */
export function* waits({ firstMs, leastMs, mostMs }: Pace, timeoutMs: number): Generator<number> {
  let leftMs = timeoutMs;
  let nextMs = firstMs;
  for (let later = leastMs; leftMs > 0; later = Math.min(mostMs, later * growth)) {
    const waitMs = Math.min(nextMs, leftMs);
    leftMs -= waitMs;
    yield waitMs;
    nextMs = later;
  }
}

/**
 * Looks until a look gives something else than undefined.
 *
 * @returns undefined when the time is up, or at once when the signal fires
 * @throws what a look throws
 */
export async function poll<V>(
  pace: Pace,
  timeoutMs: number,
  signal: AbortSignal,
  look: () => Promise<V | undefined>,
): Promise<V | undefined> {
  for (const waitMs of waits(pace, timeoutMs)) {
    const isOver = await delay(waitMs, false, { signal }).catch(() => true);
    if (isOver) {
      return undefined;
    }
    const seen = await look();
    if (seen !== undefined) {
      return seen;
    }
  }
  return undefined;
}
