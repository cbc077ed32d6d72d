/** What resolvers may ask about tasks. */

import DataLoader from 'dataloader';
import { InvalidInputError, nullIfAbsent } from '../../failure.ts';
import { danubeOf, perSession, type Session } from '../../session/session.ts';
import { datacenters } from '../datacenter/datacenter.access.ts';
import type { Task } from './task.model.ts';
import { cancellation, fetchPendingIds, fetchTask, isTaskId, toTask } from './task.rest.ts';

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

/**
 * Whether Danube knows the task: it tells PENDING of every id that could be one, and forgets what has
 * ended an hour ago. Costs a call for each datacenter, unless the task has begun or ended.
 *
 * @param places - the datacenters that it can be in; all that the caller may enter where absent
 * @throws {UpstreamFailure}
 */
export async function isKnown(
  session: Session,
  { taskId, status }: Task,
  places?: readonly string[],
): Promise<boolean> {
  if (status !== 'PENDING') {
    return true;
  }
  const names =
    places ?? (await datacenters(session, { name: {} })).map((row) => row.read('name') as string);
  const lists = await Promise.all(names.map((name) => fetchPendingIds(danubeOf(session), name)));
  return lists.some((ids) => ids.has(taskId));
}

/** What is asked of a task that is not wanted any more. */
export interface CancelInput {
  readonly taskId: string;
  readonly force: boolean;
  readonly datacenter?: string | null | undefined;
}

/**
 * Calls a task off; what it has changed so far is taken back by Danube, where that can be.
 *
 * @returns the task as it is then: it may have ended by itself before
 * @throws {InvalidInputError} for what is no id
 * @throws {UpstreamFailure} `conflict` for one that has ended, is not known, or cannot be called off
 */
export async function cancelTask(
  session: Session,
  { taskId, force, datacenter }: CancelInput,
): Promise<Task> {
  if (!isTaskId(taskId)) {
    throw new InvalidInputError([{ path: ['taskId'], message: 'is not an id of a task' }]);
  }
  const write = cancellation(taskId, force, datacenter ?? session.datacenter);
  const task = toTask(await danubeOf(session).write(write));
  tasks(session).clear(taskId);
  return task;
}
