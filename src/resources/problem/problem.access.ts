/** What resolvers may ask about what is wrong in any cloud. */

import { asError } from '../../failure.ts';
import type { Row, Wanted } from '../../rows/row.ts';
import { union } from '../../rows/wanted.ts';
import { onceEach, type Slice, type Window } from '../../rows/window.ts';
import { perSession, type Session } from '../../session/session.ts';
import { allocations } from '../allocation/allocation.access.ts';
import { projects } from '../project/project.access.ts';
import { type Resource, resourceStates } from '../resource/resource.model.ts';
import { securityGroups } from '../security-group/security-group.access.ts';
import { serverGroups } from '../server-group/server-group.access.ts';
import { tenants } from '../tenant/tenant.access.ts';
import { viewer } from '../viewer/viewer.access.ts';
import { machineStatuses } from '../virtual-machine/virtual-machine.access.ts';
import { overallStateOf } from '../virtual-machine/virtual-machine.filter.ts';
import {
  type Found,
  type Problem,
  type ProblemType,
  problemTypes,
  type Remedy,
} from './problem.model.ts';
import { machineRemedies, resourceRemedies } from './problem.remedies.ts';

/** Waldur's limit for a page, and how many of them are read of one kind. */
const pageSize = 300;
const mostPages = 10;
export const mostOfKind = pageSize * mostPages;

/** What is looked for. */
export interface ProblemRequest {
  /** Transitions that have begun before are stuck; in milliseconds since the epoch. */
  readonly stuckBeforeMs: number;
  /** What is shown of the thing itself, by its type; absent for nothing. */
  readonly wanted: Readonly<Partial<Record<ProblemType, Wanted>>>;
  /** Whether remedies are shown. */
  readonly withRemedies: boolean;
}

/**
 * What is wrong, of each kind of thing: ERRED, or in a transition that has begun too long ago.
 *
 * One call to Waldur for each of its kinds, as long as no more than 300 of one are not OK; one to Danube
 * Cloud for each datacenter and one for their names. Never fails as a whole.
 *
 * @returns by type, of the clouds that are configured
 */
export function problemsIn(session: Session, request: ProblemRequest): Promise<Found[]> {
  const types = problemTypes.filter((type) =>
    type === 'VIRTUAL_MACHINE' ? session.danube !== undefined : session.waldur !== undefined,
  );
  return Promise.all(
    types.map(async (type): Promise<Found> => {
      try {
        return type === 'VIRTUAL_MACHINE'
          ? await ofMachines(session, request)
          : await ofResources(session, type, request);
      } catch (reason) {
        return { type, problems: [], failure: asError(reason), isWhole: false };
      }
    }),
  );
}

interface Request {
  readonly filter: { readonly state: Resource['state'][] };
  readonly window: Window;
  readonly wanted: Wanted;
}

const lists: Readonly<
  Record<
    Exclude<ProblemType, 'VIRTUAL_MACHINE'>,
    (session: Session, request: Request) => Promise<Slice<Resource>>
  >
> = {
  TENANT: tenants,
  SECURITY_GROUP: securityGroups,
  SERVER_GROUP: serverGroups,
  ALLOCATION: allocations,
};

const notOk = resourceStates.filter((state) => state !== 'OK');

async function ofResources(
  session: Session,
  type: keyof typeof lists,
  { stuckBeforeMs, wanted, withRemedies }: ProblemRequest,
): Promise<Found> {
  const needed: Wanted = {
    state: {},
    modified: {},
    ...(withRemedies ? { uuid: {}, name: {}, backendId: {}, project: {} } : {}),
  };
  const { rows, isWhole } = await everyPage(mostPages, (window) =>
    lists[type](session, {
      filter: { state: notOk },
      window,
      wanted: union(needed, wanted[type] ?? {}),
    }),
  );
  const problems = rows.flatMap((row): Problem[] => {
    const since = row.read('modified') as string;
    const isErred = row.read('state') === 'ERRED';
    return isErred || Date.parse(since) < stuckBeforeMs
      ? [{ type, kind: isErred ? 'ERRED' : 'STUCK', subject: row, since, taskIds: [] }]
      : [];
  });
  return { type, problems, failure: null, isWhole };
}

/** A list's rows: the first page alone, then the others at once, up to so many. */
async function everyPage<M extends object>(
  most: number,
  read: (window: Window) => Promise<Slice<M>>,
): Promise<{ readonly rows: readonly Row<M>[]; readonly isWhole: boolean }> {
  const page = (at: number) =>
    read({ from: at * pageSize, until: null, first: pageSize, last: null });
  const first = await page(0);
  const pages = Math.ceil(first.total / pageSize);
  const others = await Promise.all(
    Array.from({ length: Math.max(0, Math.min(pages, most) - 1) }, (_, at) => page(at + 1)),
  );
  const rows = onceEach([first, ...others].flatMap((slice) => slice.rows ?? []));
  return { rows, isWhole: pages <= most };
}

async function ofMachines(session: Session, { stuckBeforeMs }: ProblemRequest): Promise<Found> {
  const { statuses, failure } = await machineStatuses(session);
  const problems = statuses.flatMap(({ machine, since, taskIds }): Problem[] => {
    const state = overallStateOf(machine);
    const isStuck =
      state === 'IN_TRANSITION' && since !== null && Date.parse(since) < stuckBeforeMs;
    return state === 'ERRED' || isStuck
      ? [
          {
            type: 'VIRTUAL_MACHINE',
            kind: isStuck ? 'STUCK' : 'ERRED',
            subject: machine,
            since,
            taskIds,
          },
        ]
      : [];
  });
  return { type: 'VIRTUAL_MACHINE', problems, failure, isWhole: failure === null };
}

/** Projects that the caller manages, by uuid; null for staff, who manage all. */
const managedProjects = perSession((session) => {
  let known: Promise<ReadonlySet<string> | null> | undefined;
  return () => {
    known ??= readManaged(session);
    return known;
  };
});

async function readManaged(session: Session): Promise<ReadonlySet<string> | null> {
  const caller = await viewer(session, { isStaff: {} });
  if (await caller.get('isStaff')) {
    return null;
  }
  const { rows } = await everyPage(Number.POSITIVE_INFINITY, (window) =>
    projects(session, { filter: { canManage: true }, window, wanted: { uuid: {} } }),
  );
  return new Set(rows.map(({ key }) => key));
}

/**
 * What may help, of what the caller may use as far as that is known: for Waldur's resources one call
 * tells whether the caller is staff, and another which projects anybody else manages.
 *
 * @throws {UpstreamFailure}
 */
export async function remediesFor(session: Session, problem: Problem): Promise<Remedy[]> {
  const { type, subject } = problem;
  if (type === 'VIRTUAL_MACHINE') {
    const datacenter = ((await propertyOf(subject, 'datacenter')) as Row).read('name') as string;
    return machineRemedies(problem, datacenter);
  }
  if (type === 'TENANT') {
    return [];
  }
  const managed = await managedProjects(session)();
  const project = (await propertyOf(subject, 'project')) as Row;
  const right = managed === null ? 'STAFF' : managed.has(project.key) ? 'MANAGER' : null;
  if (right === null) {
    return [];
  }
  const [name, backendId] = await Promise.all([
    propertyOf(subject, 'name'),
    propertyOf(subject, 'backendId'),
  ]);
  const isAtBackend = backendId !== null;
  return resourceRemedies(problem, { right, isAtBackend, isDefault: name === 'default' });
}

/** What subjects of every type have; read when it is not there. */
function propertyOf(subject: Row, property: string): unknown {
  return (subject as Row<Record<string, unknown>>).get(property);
}
