/** Changing virtual machines: one write, then its task, then the machine as it is. */

import { type Issue, UpstreamFailure } from '../../failure.ts';
import { type Changed, type ChangeRequest, refuseFor } from '../../session/changes.ts';
import { poll } from '../../session/polling.ts';
import { danubeOf, type Session } from '../../session/session.ts';
import type { DanubeWrite } from '../../upstream/danube/connection.ts';
import type { Task } from '../task/task.model.ts';
import { fetchTask, isEnded, isOfSynchronousResult, toTask } from '../task/task.rest.ts';
import { forgetMachines, machineNamed, virtualMachine } from './virtual-machine.access.ts';
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

/** Names as Danube's addresses allow them. */
const namePattern = /^[A-Za-z0-9._-]{1,128}$/;
const datacenterPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,15}$/;

function refIssues({ hostname, uuid, datacenter }: MachineRef): Issue[] {
  const issues: Issue[] = [];
  if ((hostname == null) === (uuid == null)) {
    issues.push({ path: ['hostname'], message: 'exactly one of hostname and uuid is needed' });
  } else if (hostname != null && !namePattern.test(hostname)) {
    issues.push({ path: ['hostname'], message: 'is not a hostname' });
  }
  if (datacenter != null && !datacenterPattern.test(datacenter)) {
    issues.push({ path: ['datacenter'], message: 'is not a name of a datacenter' });
  }
  return issues;
}

/** @throws {InvalidInputError} */
function targetOf(session: Session, ref: MachineRef, request: ChangeRequest): Target {
  refuseFor(request, refIssues(ref));
  const uuid = ref.uuid?.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return {
    name: ref.hostname ?? uuid ?? '',
    datacenter: ref.datacenter ?? session.datacenter,
  };
}

/** @throws {UpstreamFailure} */
async function change(
  session: Session,
  target: Target,
  write: DanubeWrite,
  { timeoutSeconds }: ChangeRequest,
): Promise<MachineChanged> {
  const danube = danubeOf(session);
  const envelope = await danube.write(write).finally(() => forgetMachines(session));
  const accepted = isOfSynchronousResult(envelope.taskId) ? null : toTask(envelope);
  const task =
    accepted === null || isEnded(accepted) || timeoutSeconds === null
      ? accepted
      : await settled(session, accepted, timeoutSeconds * 1_000);
  forgetMachines(session);
  return {
    uuid: target.name,
    row: machineNamed(session, target.name, target.datacenter),
    settled: task === null || isEnded(task),
    detail: null,
    task,
  };
}

/** Looks until the task has ended; a look that fails ends nothing, as the change was accepted. */
async function settled(session: Session, accepted: Task, timeoutMs: number): Promise<Task> {
  let seen = accepted;
  // A look that waits for its turn does not outlast the time by more than a pause.
  const late = AbortSignal.timeout(timeoutMs + session.pace.mostMs);
  const signal = AbortSignal.any([session.signal, late]);
  const danube = danubeOf(session).inBackground(signal);
  await poll(session.pace, timeoutMs, session.signal, async () => {
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
  const target = targetOf(session, input, request);
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
