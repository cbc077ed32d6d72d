/** Changes of machines that take several steps, and what is taken back when one of them fails. */

import { type BrokenRecipe, type Issue, type MachinePart, UpstreamFailure } from '../../failure.ts';
import type { Raw } from '../../rows/row.ts';
import { type ChangeRequest, refuseFor } from '../../session/changes.ts';
import { danubeOf, type Session } from '../../session/session.ts';
import type { DanubeConnection, DanubeWrite } from '../../upstream/danube/connection.ts';
import type { Task } from '../task/task.model.ts';
import { isEnded } from '../task/task.rest.ts';
import { tasksOf, virtualMachine } from './virtual-machine.access.ts';
import { creationIssues } from './virtual-machine.check.ts';
import { forgetMachines } from './virtual-machine.fleet.access.ts';
import type { CreateInput, DiskInput, NicInput } from './virtual-machine.recipe.model.ts';
import {
  definition,
  differences,
  fetchDefinition,
  fetchParts,
  type PartKind,
  partDefinition,
  partUndefinition,
  undefinition,
} from './virtual-machine.recipe.rest.ts';
import { changed, type MachineChanged, send, settled } from './virtual-machine.writes.access.ts';
import { deployment, type Target } from './virtual-machine.writes.rest.ts';

type Step = Pick<BrokenRecipe, 'step' | 'number'>;

const zoneFrom = 5;
const partKinds = { disk: 'DISK', nic: 'NIC' } as const;
const inputNames = { disk: 'disks', nic: 'nics' } as const;

/** One creation under way: what it has made so far. */
class Creation {
  readonly #session: Session;
  readonly #danube: DanubeConnection;
  readonly #target: Target;
  readonly #input: CreateInput;
  /** In the order in which they were made. */
  readonly #made: MachinePart[] = [];

  constructor(session: Session, target: Target, input: CreateInput) {
    this.#session = session;
    this.#danube = danubeOf(session);
    this.#target = target;
    this.#input = input;
  }

  /** @returns the task that deploys it, null when there was nothing to deploy */
  async run(timeoutSeconds: number | null): Promise<Task | null> {
    const { template, ostype, deploy } = this.#input;
    const isResumed = await this.#step({ step: 'DEFINE', number: null }, () => this.#define());
    const mayHaveParts = isResumed || template != null || (ostype ?? 1) >= zoneFrom;
    await this.#parts('disk', mayHaveParts);
    await this.#parts('nic', mayHaveParts);
    return deploy
      ? this.#step({ step: 'DEPLOY', number: null }, () => this.#deploy(isResumed, timeoutSeconds))
      : null;
  }

  /** @returns whether it was defined before, in the same way */
  async #define(): Promise<boolean> {
    const write = definition(this.#target, this.#input);
    try {
      await this.#danube.write(write);
      this.#made.push({ kind: 'DEFINITION', number: null });
      return false;
    } catch (reason) {
      if (!(reason instanceof UpstreamFailure) || reason.kind !== 'conflict') {
        throw reason;
      }
    }
    const there = await fetchDefinition(this.#danube, this.#target).catch((reason: unknown) => {
      throw isAbsent(reason) ? conflict('The name is taken elsewhere.') : reason;
    });
    refuseDifferences(write, there, 'The machine is defined already, with another');
    return true;
  }

  async #parts(kind: PartKind, mayBeThere: boolean): Promise<void> {
    const wanted = (kind === 'disk' ? this.#input.disks : this.#input.nics) ?? [];
    const step = (number: number): Step => ({ step: partKinds[kind], number });
    const there = mayBeThere
      ? await this.#step(step(1), () => fetchParts(this.#danube, this.#target, kind))
      : [];
    // A template's own, and the disk that a zone always has, need not have been asked for.
    const isMore = there.length > wanted.length && this.#input.template == null;
    if (isMore && !(kind === 'disk' && this.#isZone && there.length === 1)) {
      await this.#step(step(wanted.length + 1), () => {
        throw conflict(`The machine has another ${kind} already.`);
      });
    }
    for (const [at, input] of wanted.entries()) {
      const path = [inputNames[kind], String(at)];
      await this.#step(step(at + 1), () => this.#part(kind, at, input, there[at]), path);
    }
  }

  async #part(
    kind: PartKind,
    at: number,
    input: DiskInput | NicInput,
    there: Raw | undefined,
  ): Promise<void> {
    const write = partDefinition(this.#target, kind, at + 1, input);
    if (there === undefined) {
      await this.#danube.write(write);
      this.#made.push({ kind: partKinds[kind], number: at + 1 });
    } else if (kind === 'disk' && at === 0 && this.#isZone && this.#hasDefined) {
      await this.#danube.write(partDefinition(this.#target, kind, 1, input, 'PUT'));
    } else {
      refuseDifferences(write, there, `The machine has this ${kind} already, with another`);
    }
  }

  async #deploy(isResumed: boolean, timeoutSeconds: number | null): Promise<Task | null> {
    const { name } = this.#target;
    const found = isResumed ? await this.#underWay() : undefined;
    const accepted =
      found === undefined
        ? await send(this.#session, deployment(this.#target, { recreate: false, confirm: false }))
        : found;
    if (accepted === null || timeoutSeconds === null || isEnded(accepted)) {
      return accepted;
    }
    const { waiting } = this.#session;
    const task = await settled(this.#session, accepted, timeoutSeconds * 1_000, waiting);
    if (task.status === 'FAILURE' || task.status === 'REVOKED') {
      throw conflict(task.message ?? `${name} was not deployed.`);
    }
    return task;
  }

  /** Of a machine that was there before: the task that deploys it, null when that is done. */
  async #underWay(): Promise<Task | null | undefined> {
    const { name, datacenter } = this.#target;
    forgetMachines(this.#session);
    const machine = await virtualMachine(this.#session, name, datacenter, false);
    const status = await machine?.get('status');
    if (machine == null || status === 'NOTCREATED') {
      return undefined;
    }
    const [task] = status === 'DEPLOYING' ? await tasksOf(this.#session, machine) : [];
    return task ?? null;
  }

  get #isZone(): boolean {
    return (this.#input.ostype ?? 1) >= zoneFrom;
  }

  get #hasDefined(): boolean {
    return this.#made.some(({ kind }) => kind === 'DEFINITION');
  }

  /**
   * Does a step; when it fails, takes back what the steps before have made.
   *
   * @param path - where in the input it is asked for
   */
  async #step<V>(step: Step, act: () => Promise<V> | V, path: readonly string[] = []): Promise<V> {
    try {
      return await act();
    } catch (reason) {
      if (!(reason instanceof UpstreamFailure)) {
        throw reason;
      }
      // What may be there all the same is not torn down by halves.
      const left = reason.kind === 'outcome-unknown' ? this.#mayBeThere(step) : await this.#undo();
      const issues = reason.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
      throw broken(reason, { ...step, left }, issues);
    } finally {
      forgetMachines(this.#session);
    }
  }

  #mayBeThere({ step, number }: Step): MachinePart[] {
    const kinds = { DEFINE: 'DEFINITION', DISK: 'DISK', NIC: 'NIC', DEPLOY: 'MACHINE' } as const;
    const kind = kinds[step as keyof typeof kinds];
    return [...this.#made, { kind, number }];
  }

  /** @returns what is left */
  async #undo(): Promise<MachinePart[]> {
    const left = [...this.#made];
    const isWhole = this.#hasDefined;
    for (const part of this.#made.toReversed()) {
      // Disks and network cards go with the definition that this call has made.
      if (isWhole && part.kind !== 'DEFINITION') {
        continue;
      }
      const isGone = await this.#danube.write(this.#undoing(part)).then(
        () => true,
        (reason: unknown) => isAbsent(reason),
      );
      if (!isGone) {
        return left;
      }
      left.splice(isWhole ? 0 : left.indexOf(part));
    }
    return left;
  }

  #undoing({ kind, number }: MachinePart): DanubeWrite {
    return kind === 'DEFINITION' || number === null
      ? undefinition(this.#target)
      : partUndefinition(this.#target, kind === 'DISK' ? 'disk' : 'nic', number);
  }
}

function isAbsent(reason: unknown): boolean {
  return reason instanceof UpstreamFailure && reason.kind === 'not-found';
}

function conflict(message: string): UpstreamFailure {
  const issues = [{ path: [], message }];
  return new UpstreamFailure(message, { kind: 'conflict', upstream: 'danube', issues });
}

/** @throws {UpstreamFailure} `conflict` */
function refuseDifferences(write: DanubeWrite, there: Raw, text: string): void {
  const others = differences(write, there);
  if (others.length > 0) {
    throw conflict(`${text} ${others.join(', ')}.`);
  }
}

/** The same failure, with the step that it is of. */
export function broken(
  reason: UpstreamFailure,
  recipe: BrokenRecipe,
  issues: readonly Issue[] = reason.issues,
): UpstreamFailure {
  const { kind, upstream, allowedStates, isConfirmationMissing, retryAfterMs } = reason;
  const details = { kind, upstream, allowedStates, isConfirmationMissing, retryAfterMs };
  return new UpstreamFailure(reason.message, { ...details, issues, recipe, cause: reason });
}

/**
 * Defines a machine with its disks and network cards, and deploys it: each step once. What is there
 * already in the same way is gone on from, so that the call can be repeated.
 *
 * @throws {InvalidInputError} before anything is sent
 * @throws {UpstreamFailure} with the step that failed and what could not be taken back; `conflict` for
 *   a machine of the name that is defined otherwise
 */
export async function createMachine(
  session: Session,
  input: CreateInput,
  request: ChangeRequest,
): Promise<MachineChanged> {
  refuseFor(request, creationIssues(input));
  const datacenter = input.datacenter ?? session.datacenter;
  const target = { name: input.hostname, datacenter };
  const task = await new Creation(session, target, input).run(request.timeoutSeconds);
  return changed(session, target, task, request);
}
