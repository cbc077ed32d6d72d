/** What resolvers may ask about tasks. */

import DataLoader from 'dataloader';
import { nullIfAbsent } from '../../failure.ts';
import { danubeOf, perSession, type Session } from '../../session/session.ts';
import type { Task } from './task.model.ts';
import { fetchTask } from './task.rest.ts';

export { isTaskId } from './task.rest.ts';

/** Each task at most once a session. */
const tasks = perSession(
  (session) =>
    new DataLoader<string, Task | null>((ids) =>
      Promise.all(
        ids.map((id) =>
          fetchTask(danubeOf(session), id)
            .catch(nullIfAbsent)
            .catch((reason: Error) => reason),
        ),
      ),
    ),
);

/**
 * A task as it is now; null for one that ended at once, which Danube does not keep.
 *
 * @param taskId - of the form that `isTaskId` accepts
 * @param isFresh - whether what the session knows of it does not count
 * @throws {UpstreamFailure} `forbidden` for another user's
 */
export async function taskById(
  session: Session,
  taskId: string,
  { isFresh = false } = {},
): Promise<Task | null> {
  return (isFresh ? tasks(session).clear(taskId) : tasks(session)).load(taskId);
}
