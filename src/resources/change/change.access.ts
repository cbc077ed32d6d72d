/** What resolvers may watch. */

import { createHash } from 'node:crypto';
import { asError, nullIfAbsent, UpstreamFailure } from '../../failure.ts';
import type { Raw, Row, Wanted } from '../../rows/row.ts';
import { union } from '../../rows/wanted.ts';
import type { Look, Seen } from '../../session/round.ts';
import type { Session } from '../../session/session.ts';
import { shelfOf } from '../../session/shelves.ts';
import { patiently, type Told } from '../../session/watching.ts';
import type { WaldurNoun } from '../../upstream/waldur/source.ts';
import { allocationNoun } from '../allocation/allocation.rest.ts';
import type { Resource } from '../resource/resource.model.ts';
import { securityGroupNoun } from '../security-group/security-group.rest.ts';
import { serverGroupNoun } from '../server-group/server-group.rest.ts';
import { isKnown, taskById } from '../task/task.access.ts';
import type { Task } from '../task/task.model.ts';
import { isEnded } from '../task/task.rest.ts';
import { tenantNoun } from '../tenant/tenant.rest.ts';
import { fromSession, machinesOf } from '../virtual-machine/virtual-machine.access.ts';
import { forgetMachines } from '../virtual-machine/virtual-machine.fleet.access.ts';
import type { VirtualMachine } from '../virtual-machine/virtual-machine.model.ts';
import type { ResourceType } from './change.model.ts';

const nouns: Readonly<Record<ResourceType, WaldurNoun>> = {
  TENANT: tenantNoun,
  SECURITY_GROUP: securityGroupNoun,
  SERVER_GROUP: serverGroupNoun,
  ALLOCATION: allocationNoun,
};

/** Absent things are gone; every other failure is one of the whole look. */
async function seenByName<V>(
  names: readonly string[],
  see: (name: string) => Promise<Seen<V> | null>,
): Promise<Map<string, Seen<V>>> {
  const seen = await Promise.all(
    names.map(async (name) => [name, await see(name).catch(nullIfAbsent)] as const),
  );
  return new Map(seen.flatMap(([name, one]) => (one === null ? [] : [[name, one]])));
}

/** The states of all that is watched of one noun, as one demand. */
const lookAtResources =
  (noun: WaldurNoun): Look<Session, string> =>
  (session, uuids) => {
    const shelf = shelfOf(session);
    // The session lives as long as anybody watches, and a look may list far more than is watched.
    shelf.forget();
    const collection = shelf.collection(noun);
    return seenByName(uuids, async (uuid) => {
      const row = await collection.fresh(uuid, { state: {}, modified: {} });
      return { ...stateOf(row), value: uuid };
    });
  };

/**
 * A resource now, then at each change, until it has settled; null once it is gone.
 *
 * @param wanted - what is read of it each time
 */
export async function* resourceChanges(
  session: Session,
  type: ResourceType,
  uuid: string,
  wanted: Wanted,
): AsyncGenerator<Told<Row<Resource>>, void, undefined> {
  const noun = nouns[type];
  const asked = union(wanted, { state: {}, modified: {} });
  let last: string | undefined;
  for await (const told of session.rounds.watch(session, type, uuid, lookAtResources(noun))) {
    if (told.kind !== 'seen') {
      yield told;
      continue;
    }
    // What this watcher read for the event before is no longer so.
    shelfOf(session).forget();
    const now = await rowNow(session, noun, uuid, asked);
    const { fingerprint, isEnded } =
      now.kind === 'seen' ? stateOf(now.value) : { fingerprint: now.kind, isEnded: true };
    // By the time of reading it may be further than when it was looked at.
    if (fingerprint !== last) {
      last = fingerprint;
      yield now;
    }
    if (isEnded) {
      return;
    }
  }
}

async function rowNow(
  session: Session,
  noun: WaldurNoun,
  uuid: string,
  wanted: Wanted,
): Promise<Told<Row<Resource>>> {
  try {
    const row = await patiently(session.watchPace, session.signal, () =>
      shelfOf(session).collection(noun).byUuid(uuid, wanted),
    );
    return { kind: 'seen', value: row as Row<Resource> };
  } catch (reason) {
    return reason instanceof UpstreamFailure && reason.kind === 'not-found'
      ? { kind: 'gone' }
      : { kind: 'failed', reason: asError(reason) };
  }
}

function stateOf(row: Row): { readonly fingerprint: string; readonly isEnded: boolean } {
  const state = row.read('state');
  return {
    fingerprint: `${state} ${row.read('modified')}`,
    isEnded: state === 'OK' || state === 'ERRED',
  };
}

/**
 * A look at tasks that finds out, when one stays PENDING for longer than the patience lasts, whether
 * Danube knows it at all.
 */
function openLookAtTasks(): Look<Session, Task> {
  const pendingSince = new Map<string, number>();
  return (session, ids) =>
    seenByName(ids, async (id) => {
      const task = await taskById(session, id, { isFresh: true });
      if (task?.status !== 'PENDING') {
        pendingSince.delete(id);
        return task && { fingerprint: task.status, isEnded: isEnded(task), value: task };
      }
      const nowMs = performance.now();
      const sinceMs = pendingSince.get(id) ?? nowMs;
      pendingSince.set(id, sinceMs);
      if (nowMs - sinceMs >= session.watchPace.patienceMs) {
        pendingSince.set(id, nowMs);
        if (!(await isKnown(session, task))) {
          return null;
        }
      }
      return { fingerprint: task.status, isEnded: false, value: task };
    });
}

/** A task now, then at each change, until it is done; gone when Danube does not know it. */
export function taskChanges(session: Session, taskId: string): AsyncIterable<Told<Task>> {
  return session.rounds.watch(session, 'tasks', taskId, openLookAtTasks());
}

function digestOf(raw: Raw): string {
  return createHash('sha256').update(JSON.stringify(raw)).digest('base64url');
}

/** All machines of a datacenter in one call, whoever is watched of them. */
const lookAtMachines =
  (datacenter: string): Look<Session, Raw> =>
  async (session) => {
    forgetMachines(session);
    const machines = await machinesOf(session, datacenter);
    return new Map(
      machines.map((machine) => {
        const { uptime: _, ...raw } = machine.raw;
        const hostname = machine.read('hostname') as string;
        const isEnded = machine.read('inTransition') === false;
        return [
          hostname.toLowerCase(),
          { fingerprint: digestOf(raw), isEnded, value: machine.raw },
        ];
      }),
    );
  };

/** A machine now, then at each change, until no operation is under way; null once it is gone. */
export async function* machineChanges(
  session: Session,
  hostname: string,
  datacenter: string | null,
): AsyncGenerator<Told<Row<VirtualMachine>>, void, undefined> {
  const place = datacenter ?? session.datacenter;
  const look = lookAtMachines(place);
  const kind = `machines of ${place}`;
  for await (const told of session.rounds.watch(session, kind, hostname.toLowerCase(), look)) {
    yield told.kind === 'seen'
      ? { kind: 'seen', value: fromSession(session, told.value, place) }
      : told;
  }
}
