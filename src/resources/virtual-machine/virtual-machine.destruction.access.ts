/** Destroying a machine for good: stopping it, deleting it on its node, deleting its definition. */

import { setTimeout as delay } from 'node:timers/promises';
import { type MachinePart, type RecipeStep, UpstreamFailure } from '../../failure.ts';
import type { Row } from '../../rows/row.ts';
import type { ChangeRequest } from '../../session/changes.ts';
import { danubeOf, type Session } from '../../session/session.ts';
import type { DanubeWrite } from '../../upstream/danube/connection.ts';
import type { Task } from '../task/task.model.ts';
import { isEnded } from '../task/task.rest.ts';
import { machineNamed, virtualMachine } from './virtual-machine.access.ts';
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

interface Step {
  readonly step: RecipeStep;
  readonly write: DanubeWrite;
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
): Promise<Step> {
  switch (await machine.get('status')) {
    case 'NOTCREATED':
      return { step: 'UNDEFINE', write: undefinition(target) };
    case 'RUNNING':
      return { step: 'STOP', write: powerChange(target, 'stop', { force }) };
    default:
      return { step: 'DELETE', write: deletion(target) };
  }
}

/**
 * The next step, as soon as no operation is under way and the machine shows what the one before has done.
 *
 * @param before - null for the first
 * @returns null once the machine is gone, undefined when the time is up
 * @throws {UpstreamFailure}
 */
async function stepAfter(
  before: RecipeStep | null,
  session: Session,
  target: Target,
  force: boolean,
  deadlineMs: number,
): Promise<Step | null | undefined> {
  for (;;) {
    const machine = await machineNow(session, target);
    if (machine === null) {
      return null;
    }
    const next = (await machine.get('inTransition'))
      ? undefined
      : await nextStep(target, machine, force);
    // Danube may answer before the state says so: the same again would be sent without end.
    if (next !== undefined && next.step !== before) {
      return next;
    }
    const leftMs = deadlineMs - performance.now();
    const waitMs = Math.max(0, Math.min(session.pace.mostMs, leftMs));
    const isOver = await delay(waitMs, leftMs <= 0, { signal: session.signal }).catch(() => true);
    if (isOver) {
      return undefined;
    }
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
  let before: RecipeStep | null = null;
  for (;;) {
    const next = await stepAfter(before, session, target, force, deadlineMs);
    if (next == null) {
      return changed(next === null, task);
    }
    const { step, write } = next;
    before = step;
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
