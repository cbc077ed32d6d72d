/** Destroying a machine for good: stopping it, deleting it on its node, deleting its definition. */

import { setTimeout as delay } from 'node:timers/promises';
import { type MachinePart, type RecipeStep, UpstreamFailure } from '../../failure.ts';
import type { Row } from '../../rows/row.ts';
import { type ChangeRequest, refuseFor } from '../../session/changes.ts';
import { danubeOf, type Session } from '../../session/session.ts';
import type { DanubeWrite } from '../../upstream/danube/connection.ts';
import type { Task } from '../task/task.model.ts';
import { isEnded } from '../task/task.rest.ts';
import { machineNamed, virtualMachine } from './virtual-machine.access.ts';
import { refIssues } from './virtual-machine.check.ts';
import { forgetMachines } from './virtual-machine.fleet.access.ts';
import type { VirtualMachine } from './virtual-machine.model.ts';
import { broken } from './virtual-machine.recipe.access.ts';
import type { DestroyInput } from './virtual-machine.recipe.model.ts';
import { undefinition } from './virtual-machine.recipe.rest.ts';
import { type MachineChanged, send, settled, targetOf } from './virtual-machine.writes.access.ts';
import { deletion, powerChange, type Target } from './virtual-machine.writes.rest.ts';

/** Steps wait for each other, so this long at most where nobody says otherwise. */
const defaultSeconds = 60;

/** As it is now; null when there is none, or the caller may not see it. @throws {UpstreamFailure} */
function machineNow(session: Session, { name, datacenter }: Target) {
  forgetMachines(session);
  return virtualMachine(session, name, datacenter, false);
}

/** Until no operation is under way or the time is up. */
async function atRest(
  session: Session,
  target: Target,
  deadlineMs: number,
): Promise<Row<VirtualMachine> | null> {
  for (;;) {
    const machine = await machineNow(session, target);
    const leftMs = deadlineMs - performance.now();
    if (machine === null || !(await machine.get('inTransition')) || leftMs <= 0) {
      return machine;
    }
    const waitMs = Math.min(session.pace.mostMs, leftMs);
    const isOver = await delay(waitMs, false, { signal: session.signal }).catch(() => true);
    if (isOver) {
      return machine;
    }
  }
}

/**
 * The next step towards nothing, by how the machine is.
 *
 * @throws {UpstreamFailure}
 */
async function nextStep(
  target: Target,
  machine: Row<VirtualMachine>,
  force: boolean,
): Promise<{ readonly step: RecipeStep; readonly write: DanubeWrite }> {
  switch (await machine.get('status')) {
    case 'NOTCREATED':
      return { step: 'UNDEFINE', write: undefinition(target) };
    case 'RUNNING':
      return { step: 'STOP', write: powerChange(target, 'stop', { force }) };
    default:
      return { step: 'DELETE', write: deletion(target) };
  }
}

/** What there is of it, before the step is done. */
function partsBefore(step: RecipeStep): MachinePart[] {
  const defined: MachinePart = { kind: 'DEFINITION', number: null };
  return step === 'UNDEFINE' ? [defined] : [defined, { kind: 'MACHINE', number: null }];
}

/**
 * Takes a machine through the steps that are left, each of which is sent once; what was done before is
 * gone on from, so that the call can be repeated.
 *
 * @returns not settled when the time is up in between
 * @throws {InvalidInputError} before anything is sent
 * @throws {UpstreamFailure} `precondition` unless it is confirmed; else with the step that failed
 */
export async function destroyMachine(
  session: Session,
  { confirm, force, ...ref }: DestroyInput,
  request: ChangeRequest,
): Promise<MachineChanged> {
  const target = targetOf(session, ref, request);
  refuseFor(request, refIssues(ref));
  if (!confirm) {
    throw new UpstreamFailure('not confirmed', {
      kind: 'precondition',
      upstream: 'danube',
      isConfirmationMissing: true,
      issues: [{ path: [], message: 'The machine, its disks and its definition would be lost.' }],
    });
  }
  const timeMs = (request.timeoutSeconds ?? defaultSeconds) * 1_000;
  const deadlineMs = performance.now() + timeMs;
  session.deadline.prolong(timeMs);
  const first = await machineNow(session, target);
  if (first === null) {
    throw new UpstreamFailure('no machine', { kind: 'not-found', upstream: 'danube' });
  }
  const uuid = await first.get('uuid');
  const changed = (isGone: boolean, task: Task | null): MachineChanged => ({
    uuid,
    row: isGone ? null : machineNamed(session, target.name, target.datacenter),
    settled: isGone,
    detail: null,
    task,
  });
  let task: Task | null = null;
  for (;;) {
    const machine = await atRest(session, target, deadlineMs);
    if (machine === null) {
      return changed(true, task);
    }
    if (await machine.get('inTransition')) {
      return changed(false, task);
    }
    const { step, write } = await nextStep(target, machine, force);
    try {
      if (step === 'UNDEFINE') {
        await danubeOf(session).write(write);
        return changed(true, task);
      }
      const accepted = await send(session, write);
      const leftMs = Math.max(0, deadlineMs - performance.now());
      task = accepted && (await settled(session, accepted, leftMs, session.signal));
      if (task !== null && task.status !== 'SUCCESS' && isEnded(task)) {
        const issues = [{ path: [], message: task.message ?? `The step ${step} failed.` }];
        throw new UpstreamFailure(step, { kind: 'conflict', upstream: 'danube', issues });
      }
    } catch (reason) {
      throw reason instanceof UpstreamFailure
        ? broken(reason, { step, number: null, left: partsBefore(step) })
        : reason;
    } finally {
      forgetMachines(session);
    }
    if (task !== null && !isEnded(task)) {
      return changed(false, task);
    }
  }
}
