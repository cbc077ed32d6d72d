/** What resolvers may ask about virtual machines. */

import DataLoader from 'dataloader';
import { nullIfAbsent } from '../../failure.ts';
import type { Raw, Row, Wanted } from '../../rows/row.ts';
import { fieldsFor, union } from '../../rows/wanted.ts';
import { type Slice, sliceOf, type Window } from '../../rows/window.ts';
import { danubeOf, perSession, type Session } from '../../session/session.ts';
import { datacenters } from '../datacenter/datacenter.access.ts';
import type { Task } from '../task/task.model.ts';
import { toRunningTask } from '../task/task.rest.ts';
import { filterNeeds, passes } from './virtual-machine.filter.ts';
import { fleets } from './virtual-machine.fleet.access.ts';
import type {
  MachineSieve,
  VirtualMachine,
  VirtualMachineFilter,
} from './virtual-machine.model.ts';
import {
  extentFor,
  fetchStatuses,
  fieldsOfStatus,
  type ListedStatus,
  type Place,
  statusSince,
  virtualMachineNoun,
} from './virtual-machine.rest.ts';

type Machine = Row<VirtualMachine>;

/**
 * A machine of which nothing is known yet; whatever is wanted of it is read.
 *
 * @param name - its hostname, or its uuid
 */
export function machineNamed(session: Session, name: string, datacenter: string): Machine {
  return fleets(session)({ datacenter, active: false }).named(withDashes(name));
}

/** Everything that is told of a datacenter's machines, in one call. @throws {UpstreamFailure} */
export function machinesOf(session: Session, datacenter: string): Promise<readonly Machine[]> {
  return fleets(session)({ datacenter, active: false }).all('extended');
}

/** A machine that another session of the same caller has read, as `machinesOf` does. */
export function fromSession(session: Session, raw: Raw, datacenter: string): Machine {
  return fleets(session)({ datacenter, active: false }).adopt(raw);
}

/** What is wanted of a list of machines. */
export interface MachineListing {
  readonly filter?: VirtualMachineFilter | null | undefined;
  readonly orderBy?: readonly { readonly direction: 'ASC' | 'DESC' }[] | null | undefined;
  readonly window: Window;
  readonly wanted: Wanted | null;
  /** Null = every datacenter that the caller may enter. */
  readonly datacenter: string | null;
  readonly active: boolean;
  /** E.g. only what is tagged with this owner, beside what the filter says. */
  readonly within?: MachineSieve | undefined;
}

/**
 * A stretch of the machines that pass the filter: by hostname, then by datacenter.
 *
 * Danube neither filters nor pages, so this reads each datacenter's machines whole, once a session.
 *
 * @throws {UpstreamFailure} `not-found` for a datacenter that the caller may not enter
 */
export async function virtualMachines(
  session: Session,
  listing: MachineListing,
): Promise<Slice<VirtualMachine>> {
  const filters = [listing.filter ?? {}, listing.within ?? {}];
  const needed = filters.map(filterNeeds).reduce(union, { hostname: {}, ...listing.wanted });
  const { view } = virtualMachineNoun;
  const fields = fieldsFor('uuid' in needed ? view : { ...view, uuid: noKey }, needed);
  const extent = extentFor(fields, listing.active);
  const places = await placesOf(session, listing);
  const lists = await Promise.all(places.map((place) => fleets(session)(place).all(extent)));
  const found = lists
    .flat()
    .filter((machine) => filters.every((filter) => passes(machine, filter)));
  const direction = listing.orderBy?.[0]?.direction === 'DESC' ? -1 : 1;
  const sorted = found.sort((one, other) => direction * byHostname(one, other));
  return sliceOf(sorted, listing.window);
}

/** Only `uuid` when it is selected: hostnames identify machines as well. */
const noKey = { fields: [], read: () => null };

function byHostname(one: Machine, other: Machine): number {
  const [first, second] = [String(one.read('hostname')), String(other.read('hostname'))];
  return first < second ? -1 : first > second ? 1 : 0;
}

async function placesOf(
  session: Session,
  { datacenter, active }: Pick<MachineListing, 'datacenter' | 'active'>,
): Promise<readonly Place[]> {
  if (datacenter !== null) {
    return [{ datacenter, active }];
  }
  const all = await datacenters(session, { name: {} });
  return all.map((row) => ({ datacenter: row.read('name') as string, active }));
}

/**
 * One machine; null when there is none in the datacenter or the caller may not see it.
 *
 * @param name - its hostname, or its uuid
 * @param datacenter - null = the configured default
 * @throws {UpstreamFailure}
 */
export function virtualMachine(
  session: Session,
  name: string,
  datacenter: string | null,
  active: boolean,
): Promise<Machine | null> {
  const place = { datacenter: datacenter ?? session.datacenter, active };
  return fleets(session)(place).one(withDashes(name)).catch(nullIfAbsent);
}

/**
 * One machine in whichever datacenter it is; null when there is none or the caller may not see it.
 *
 * @param name - its hostname, or its uuid
 * @throws {UpstreamFailure}
 */
export async function virtualMachineAnywhere(
  session: Session,
  name: string,
): Promise<Machine | null> {
  const places = await placesOf(session, { datacenter: null, active: false });
  const found = await Promise.all(
    places.map(({ datacenter, active }) => virtualMachine(session, name, datacenter, active)),
  );
  return found.find((machine) => machine !== null) ?? null;
}

/** Danube knows uuids with dashes alone. */
function withDashes(name: string): string {
  const groups = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(name);
  return groups === null ? name : groups.slice(1).join('-');
}

/** Each datacenter's list of states, by hostname, at most once a session. */
const statusLists = perSession(
  (session) =>
    new DataLoader<string, ReadonlyMap<string, ListedStatus>>((names) =>
      Promise.all(
        names.map((name) =>
          fetchStatuses(danubeOf(session), name)
            .then((all) => new Map(all.map((one) => [one.hostname, one])))
            .catch((reason: Error) => reason),
        ),
      ),
    ),
);

/** What a machine does, since when, and by which tasks. */
export interface MachineStatus {
  /** What the list of states does not tell of it is read when it is needed. */
  readonly machine: Machine;
  /** By RFC 3339; null when Danube does not tell. */
  readonly since: string | null;
  readonly taskIds: readonly string[];
}

/**
 * The states of all machines that the caller sees: one call for each datacenter, and one for their
 * names.
 *
 * @returns with why some are missing, when a datacenter gave no answer
 * @throws {UpstreamFailure} when not even the datacenters are known
 */
export async function machineStatuses(
  session: Session,
): Promise<{ readonly statuses: readonly MachineStatus[]; readonly failure: Error | null }> {
  const places = await placesOf(session, { datacenter: null, active: false });
  let failure: Error | null = null;
  const lists = await Promise.all(
    places.map(async (place) => {
      try {
        const listed = await statusLists(session).load(place.datacenter);
        return [...listed.values()].map(({ raw, taskIds }) => {
          const machine = fleets(session)(place).listed(raw, fieldsOfStatus);
          return { machine, since: statusSince.read(raw, machine), taskIds };
        });
      } catch (reason) {
        failure ??= reason instanceof Error ? reason : new Error(String(reason));
        return [];
      }
    }),
  );
  return { statuses: lists.flat(), failure };
}

/**
 * A machine's tasks that have not ended: one call for all machines of a datacenter.
 *
 * @throws {UpstreamFailure}
 */
export async function tasksOf(session: Session, machine: Machine): Promise<readonly Task[]> {
  const datacenter = (await machine.get('datacenter')).read('name') as string;
  const listed = await statusLists(session).load(datacenter);
  return (listed.get(await machine.get('hostname'))?.taskIds ?? []).map(toRunningTask);
}
