/** Tasks that run on nodes, on the sandbox's clock. */

import { randomBytes } from 'node:crypto';
import { failure, type Reply, refuse } from '../answers.ts';
import type { DanubeWorld, Machine, Task } from '../model.ts';
import { taskId } from '../tasks.ts';
import type { Visit } from '../visit.ts';
import { callBack } from './callback.ts';

/** From being accepted to a worker's taking it up. */
export const queuedMs = 1_000;
/** What a node takes for its work. */
export const workingMs = 5_000;
/** After so long Danube starts a machine again that does not come up, and after as long again gives up. */
export const hangingMs = 2 * 600_000;

/** A machine with this in its hostname fails whatever a node does with it. */
export const failingName = 'please-fail';

export interface Work {
  readonly view: 'vm_manage' | 'vm_status';
  readonly message: string;
  /** What success brings. */
  readonly onDone: () => void;
  /** What failure or revocation takes back. */
  readonly onFailed: () => void;
  /** What becomes of it when it never ends; absent when it does. */
  readonly onHung?: () => void;
}

const calledOff = new WeakMap<Task, () => void>();

export function pendingTasks({ tasks }: DanubeWorld, machine: Machine): Task[] {
  return [...tasks.values()].filter((task) => task.machine === machine && task.endedMs === null);
}

/** Saves a state with the time of its change. */
export function setStatus(machine: Machine, status: Machine['status'], { clock }: Visit): void {
  machine.status = status;
  machine.statusChanged = new Date(clock.now()).toISOString().replace('Z', '000Z');
}

/** Puts a task into the queue: 201, and an envelope without a result. */
export function beginTask(visit: Visit, machine: Machine, work: Work): Reply {
  const { world, clock, call, user, datacenter } = visit;
  const id = taskId('e', user, machine.owner, datacenter, randomBytes(10).toString('hex'));
  if (world.isWorkerDown) {
    work.onFailed();
    return failure(visit, `Task queue worker (fast.1@${machine.node?.uuid}) is not responding!`);
  }
  const task: Task = {
    id,
    user,
    owner: machine.owner,
    datacenter,
    machine,
    view: work.view,
    method: call.method,
    startedMs: clock.now(),
    status: 'PENDING',
    endedMs: null,
    result: null,
  };
  world.tasks.set(id, task);
  const end = (status: Task['status'], result: unknown) => {
    Object.assign(task, { status, result, endedMs: clock.now() });
    calledOff.delete(task);
    callBack(call, task);
  };
  const succeed = (message: string) => end('SUCCESS', { returncode: 0, message });
  let cancel = clock.after(queuedMs, () => {
    task.status = 'STARTED';
    const { onHung } = work;
    if (onHung !== undefined) {
      cancel = clock.after(hangingMs, () => {
        onHung();
        // Danube's own oddity: what failed is called a success.
        succeed(`VM ${machine.hostname} deploy has timed out`);
      });
      return;
    }
    cancel = clock.after(workingMs, () => {
      if (machine.hostname.includes(failingName)) {
        const message = 'the node refused, as the name asked for';
        const detail = `Got bad return code (1). Error: ${message}`;
        work.onFailed();
        end('FAILURE', { returncode: 1, message, detail });
      } else {
        work.onDone();
        succeed(work.message);
      }
    });
  });
  calledOff.set(task, () => {
    cancel();
    work.onFailed();
    end('REVOKED', 'TaskRevokedError: terminated');
  });
  return {
    status: 201,
    body: { task_id: id, status: task.status, result: null },
    headers: { es_task_id: id, es_task_response: 'true' },
    task,
  };
}

/** @throws {Refusal} 406 for a task that is not the sandbox's own */
export function cancelTask(task: Task): void {
  const callOff = calledOff.get(task) ?? (() => refuse(406, 'Task cannot be canceled'));
  callOff();
}
