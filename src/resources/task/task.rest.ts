/** Tasks over Danube Cloud's REST API. */

import { asInt32 } from '../../rows/readings.ts';
import type { DanubeConnection, DanubeWrite } from '../../upstream/danube/connection.ts';
import type { Envelope } from '../../upstream/danube/envelope.ts';
import { encoded } from '../../upstream/http/encoded.ts';
import type { Task } from './task.model.ts';

/**
 * Whether a text can be a task's id: who asked, how it runs, whose it is, where; then a uuid cut short.
 *
 * Source: Danube Cloud 4.6, which answers 403 for whatever does not match.
 */
export function isTaskId(text: string): boolean {
  return /^\d+[deamif]\d+[du]\d+-[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}$/.test(text);
}

/** Whether the id is that of a synchronous result, of which Danube keeps no task. */
export function isOfSynchronousResult(taskId: string): boolean {
  return /^\d*d/.test(taskId) || taskId === '';
}

/** Whether nothing of it is to come. */
export function isEnded({ status }: Task): boolean {
  return status !== 'PENDING' && status !== 'STARTED';
}

/**
 * A task as it is now.
 *
 * Danube tells PENDING of any id that could be one, also long after the task has been forgotten.
 *
 * @throws {UpstreamFailure} `not-found` for the ids of synchronous results
 *
 * Source: GET /task/(task_id)/status in Danube Cloud's API documentation.
 */
export async function fetchTask(connection: DanubeConnection, taskId: string): Promise<Task> {
  return toTask(await connection.task(`/task/${encoded(taskId)}/status/`));
}

/** Results are an object with a message, or a text. */
export function toTask({ taskId, status, result }: Envelope): Task {
  const { message, detail, returncode } =
    typeof result === 'object' && result !== null
      ? (result as Record<string, unknown>)
      : { message: result, detail: null, returncode: null };
  return {
    __typename: 'Task',
    taskId,
    status,
    message: typeof message === 'string' ? message : null,
    detail: typeof detail === 'string' ? detail : null,
    returnCode: asInt32(returncode) ?? null,
  };
}

/** A task that a machine lists as not ended, which is all that is told of it there. */
export function toRunningTask(taskId: string): Task {
  return {
    __typename: 'Task',
    taskId,
    status: 'PENDING',
    message: null,
    detail: null,
    returnCode: null,
  };
}

/**
 * The ids of the tasks of a datacenter that have not ended, the caller's and what else the caller may
 * see.
 *
 * @throws {UpstreamFailure}
 *
 * Source: GET /task in Danube Cloud's API documentation.
 */
export async function fetchPendingIds(
  connection: DanubeConnection,
  datacenter: string,
): Promise<ReadonlySet<unknown>> {
  return new Set(await connection.bareList('/task/', { dc: datacenter }));
}

/** Source: PUT /task/(task_id)/cancel. */
export function cancellation(taskId: string, force: boolean, datacenter: string): DanubeWrite {
  return {
    method: 'PUT',
    path: ['task', taskId, 'cancel'],
    body: { dc: datacenter, ...(force ? { force: true } : {}) },
    names: { force: 'force' },
  };
}
