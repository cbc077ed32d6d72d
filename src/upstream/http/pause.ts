/** Waiting for a time, or until it is not worth it any more. */

import type { StopSignal } from './stop.ts';

/** Ends early when the signal fires. */
export function pause(ms: number, signal: StopSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal?.aborted) {
      end();
    } else {
      signal?.addEventListener('abort', end, { once: true });
    }
  });
}
