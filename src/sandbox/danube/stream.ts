/** The answer of a call that waits for its task: `ES-STREAM`. */

import type { Clock } from '../clock.ts';
import type { Answer } from '../server.ts';
import type { Task } from './model.ts';

/** Danube waits no longer than this. */
const longestMs = 3600_000;

/** How long Danube naps before its next look, so long after the beginning. */
function napMs(sinceMs: number): number {
  if (sinceMs < 5_000) {
    return 1_000;
  }
  if (sinceMs < 30_000) {
    return 3_000;
  }
  if (sinceMs < 60_000) {
    return 6_000;
  }
  return sinceMs < 1_200_000 ? 12_000 : 30_000;
}

/** What `/task/{id}/status` would say. */
export interface TaskAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * A space for each look; then the status code, unless the client calls it something else, and the
 * task's own answer.
 *
 * @param isCoded - whether the last piece begins with the code
 * @param look - the task's answer as it is then
 */
export function streamed(
  answer: Answer,
  task: Task,
  clock: Clock,
  isCoded: boolean,
  look: () => TaskAnswer,
): Answer {
  const { body: pending, ...rest } = answer;
  async function* pieces(): AsyncGenerator<string> {
    const startMs = clock.now();
    while (task.endedMs === null) {
      const sinceMs = clock.now() - startMs;
      if (sinceMs >= longestMs) {
        yield pending ?? '';
        return;
      }
      yield ' ';
      await clock.sleep(napMs(sinceMs));
    }
    const { status, body } = look();
    yield isCoded ? `${status}\n${body}` : body;
  }
  return { ...rest, headers: { ...rest.headers, es_stream: 'True' }, pieces: pieces() };
}
