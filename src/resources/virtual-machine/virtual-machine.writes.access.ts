/** Changing virtual machines: one write, then its task, then the machine as it is. */

import { UpstreamFailure } from '../../failure.ts';
import { type Changed, type ChangeRequest, refuseFor } from '../../session/changes.ts';
import { poll } from '../../session/polling.ts';
import { danubeOf, type Session } from '../../session/session.ts';
import type { DanubeWrite } from '../../upstream/danube/connection.ts';
import { isKnown } from '../task/task.access.ts';
import type { Task } from '../task/task.model.ts';
import { fetchTask, isEnded, isOfSynchronousResult, toTask } from '../task/task.rest.ts';
import { machineNamed, virtualMachine } from './virtual-machine.access.ts';
import { refIssues, updateIssues } from './virtual-machine.check.ts';
import { forgetMachines } from './virtual-machine.fleet.access.ts';
import type {
  DefinitionInput,
  DeployInput,
  LinksInput,
  MachineRef,
  PowerInput,
  UpdateInput,
  VirtualMachine,
} from './virtual-machine.model.ts';
import {
  deletion,
  deployment,
  powerChange,
  redefinition,
  type Target,
  update,
  withLinks,
} from './virtual-machine.writes.rest.ts';

export interface MachineChanged extends Changed<VirtualMachine> {
  /** Null when Danube had nothing to do and answered at once. */
  readonly task: Task | null;
}

/** @throws {InvalidInputError} */
export function targetOf(session: Session, ref: MachineRef, request: ChangeRequest): Target {
  refuseFor(request, refIssues(ref));
  const uuid = ref.uuid?.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return {
    name: ref.hostname ?? uuid ?? '',
    datacenter: ref.datacenter ?? session.datacenter,
  };
}

/**
 * Sends a change, once, and drops what was read before it.
 *
 * @returns its task; null when Danube had nothing to do, or did it at once
 * @throws {UpstreamFailure}
 */
export async function send(session: Session, write: DanubeWrite): Promise<Task | null> {
  return (await sent(session, write)).task;
}

/** The same, with what Danube said of what it did at once; null for nothing. */
async function sent(
  session: Session,
  write: DanubeWrite,
): Promise<{ readonly task: Task | null; readonly detail: string | null }> {
  const envelope = await danubeOf(session)
    .write(write)
    .finally(() => forgetMachines(session));
  const { taskId, result } = envelope;
  return isOfSynchronousResult(taskId)
    ? { task: null, detail: typeof result === 'string' ? result : null }
    : { task: toTask(envelope), detail: null };
}

/** @throws {UpstreamFailure} */
async function change(
  session: Session,
  target: Target,
  write: DanubeWrite,
  request: ChangeRequest,
): Promise<MachineChanged> {
  const { timeoutSeconds } = request;
  const { task: accepted, detail } = await sent(session, write);
  const task =
    accepted === null || timeoutSeconds === null
      ? accepted
      : await settled(session, accepted, timeoutSeconds * 1_000, session.waiting);
  return { ...(await changed(session, target, task, request)), detail };
}

/** What has become of a machine, with the task that did it. */
export async function changed(
  session: Session,
  { name, datacenter }: Target,
  task: Task | null,
  { timeoutSeconds }: ChangeRequest,
): Promise<MachineChanged> {
  forgetMachines(session);
  // After all the waiting, a task that Danube does not know is not to be waited for any longer.
  const isOver =
    task === null ||
    isEnded(task) ||
    (timeoutSeconds !== null && !(await isKnown(session, task, [datacenter]).catch(() => true)));
  const row = machineNamed(session, name, datacenter);
  return { uuid: name, row, settled: isOver, detail: null, task };
}

/**
 * Looks until the task has ended or the time is up; a look that fails ends nothing, as the change was
 * accepted.
 *
 * @param over - fires when it is not waited for any more
 * @returns the task as it was last seen
 */
export async function settled(
  session: Session,
  accepted: Task,
  timeoutMs: number,
  over: AbortSignal,
): Promise<Task> {
  let seen = accepted;
  if (isEnded(seen)) {
    return seen;
  }
  // A look that waits for its turn does not outlast the time by more than a pause.
  const late = AbortSignal.timeout(Math.ceil(timeoutMs) + session.pace.mostMs);
  const signal = AbortSignal.any([over, late]);
  const danube = danubeOf(session).inBackground(signal);
  session.deadline.prolong(timeoutMs);
  await poll(session.pace, timeoutMs, over, async () => {
    try {
      seen = await fetchTask(danube, accepted.taskId);
    } catch (reason) {
      if (!(reason instanceof UpstreamFailure)) {
        throw reason;
      }
    }
    return isEnded(seen) || undefined;
  });
  return seen;
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function deployVirtualMachine(
  session: Session,
  input: DeployInput,
  request: ChangeRequest,
): Promise<MachineChanged> {
  const target = targetOf(session, input, request);
  return change(session, target, deployment(target, input), request);
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function updateVirtualMachine(
  session: Session,
  input: UpdateInput,
  request: ChangeRequest,
): Promise<MachineChanged> {
  const target = targetOf(session, input, {
    ...request,
    faults: [...updateIssues(input), ...request.faults],
  });
  return change(session, target, update(target, input), request);
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function deleteVirtualMachine(
  session: Session,
  input: MachineRef,
  request: ChangeRequest,
): Promise<MachineChanged> {
  const target = targetOf(session, input, request);
  return change(session, target, deletion(target), request);
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function changePower(
  session: Session,
  action: 'start' | 'stop' | 'reboot',
  input: PowerInput,
  request: ChangeRequest,
): Promise<MachineChanged> {
  const { timeoutSeconds } = input;
  const isOff = timeoutSeconds != null && (timeoutSeconds < 1 || timeoutSeconds > 3_600);
  const issues = isOff ? [{ path: ['timeoutSeconds'], message: 'must be from 1 to 3600' }] : [];
  const target = targetOf(session, input, {
    ...request,
    faults: [...issues, ...request.faults],
  });
  return change(session, target, powerChange(target, action, input), request);
}

/** @throws {InvalidInputError} @throws {UpstreamFailure} */
export async function updateDefinition(
  session: Session,
  input: DefinitionInput,
  request: ChangeRequest,
): Promise<MachineChanged> {
  const target = targetOf(session, input, request);
  return change(session, target, redefinition(target, input), request);
}

/**
 * Rewrites the machine's own tags that link it to Waldur, and leaves all others.
 *
 * @throws {InvalidInputError} @throws {UpstreamFailure} `not-found` too
 */
export async function setLinks(
  session: Session,
  { project, customer, tenant, ...ref }: LinksInput,
  request: ChangeRequest,
): Promise<MachineChanged> {
  const target = targetOf(session, ref, request);
  forgetMachines(session);
  const machine = await virtualMachine(session, target.name, target.datacenter, false);
  if (machine === null) {
    throw new UpstreamFailure(`no machine ${target.name}`, {
      kind: 'not-found',
      upstream: 'danube',
    });
  }
  const tags = withLinks(await machine.get('tags'), { project, customer, tenant });
  return change(session, target, redefinition(target, { tags }), request);
}
