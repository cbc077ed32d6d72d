/** What resolvers may ask about virtual machines. */

import DataLoader from 'dataloader';
import { nullIfAbsent, UpstreamFailure } from '../../failure.ts';
import { type Origin, type Raw, Row, type Wanted } from '../../rows/row.ts';
import { fieldsFor, union } from '../../rows/wanted.ts';
import { type Slice, sliceOf, type Window } from '../../rows/window.ts';
import { danubeOf, perSession, type Session } from '../../session/session.ts';
import { datacenterNamed, datacenters } from '../datacenter/datacenter.access.ts';
import { datacenterNoun } from '../datacenter/datacenter.rest.ts';
import type { Task } from '../task/task.model.ts';
import { toRunningTask } from '../task/task.rest.ts';
import { filterNeeds, passes } from './virtual-machine.filter.ts';
import type { VirtualMachine, VirtualMachineFilter } from './virtual-machine.model.ts';
import {
  type Extent,
  extentFor,
  fetchMachine,
  fetchMachines,
  fetchRunningTasks,
  fieldsOf,
  type Place,
  virtualMachineNoun,
} from './virtual-machine.rest.ts';

type Machine = Row<VirtualMachine>;

const extents: readonly Extent[] = ['names', 'full', 'extended'];

/** The machines of one datacenter, as one session has asked for them. */
class Fleet {
  readonly #session: Session;
  readonly #place: Place;
  readonly #lists: DataLoader<Extent, readonly Machine[]>;
  readonly #singles: DataLoader<string, Machine>;
  #list: { readonly extent: Extent; readonly machines: Promise<readonly Machine[]> } | undefined;

  constructor(session: Session, place: Place) {
    this.#session = session;
    this.#place = place;
    this.#lists = new DataLoader((asked) => this.#readList(asked), { cache: false });
    this.#singles = new DataLoader((names) => this.#readSome(names));
  }

  /** All of them, by hostname; one call for whatever a tick asks, and none for what is here. */
  all(extent: Extent): Promise<readonly Machine[]> {
    return this.#lists.load(extent);
  }

  /**
   * One with all that there is of it: one call alone, the list when several are asked for.
   *
   * @param name - its hostname, or its uuid with dashes
   * @throws {UpstreamFailure} `not-found` too
   */
  one(name: string): Promise<Machine> {
    return this.#singles.load(name);
  }

  async #readList(asked: readonly Extent[]): Promise<(readonly Machine[])[]> {
    const most = extents.findLast((extent) => asked.includes(extent)) ?? 'extended';
    if (this.#list === undefined || extents.indexOf(this.#list.extent) < extents.indexOf(most)) {
      this.#list = { extent: most, machines: this.#fetchList(most) };
    }
    const machines = await this.#list.machines;
    return asked.map(() => machines);
  }

  async #fetchList(extent: Extent): Promise<readonly Machine[]> {
    const raws = await fetchMachines(danubeOf(this.#session), this.#place, extent);
    const origin = this.#origin(fieldsOf(extent));
    return raws.map((raw) => toRow(raw, origin));
  }

  async #readSome(names: readonly string[]): Promise<(Machine | Error)[]> {
    const [only] = names;
    if (names.length === 1 && only !== undefined && this.#list?.extent !== 'extended') {
      const raw = await fetchMachine(danubeOf(this.#session), this.#place, only);
      return [toRow(raw, this.#origin(null))];
    }
    const machines = await this.all('extended');
    const byName = new Map<unknown, Machine>();
    for (const machine of machines) {
      byName.set(machine.read('uuid'), machine);
    }
    // Danube gives hostnames precedence, and tells them apart without regard to case.
    for (const machine of machines) {
      byName.set(String(machine.read('hostname')).toLowerCase(), machine);
    }
    return names.map((name) => byName.get(name.toLowerCase()) ?? notFound(name));
  }

  /** A machine of which nothing but its name is known; whatever is wanted of it is read. */
  named(name: string): Machine {
    const origin = this.#origin(new Set(['dc']));
    return toRow({ dc: this.#place.datacenter }, { ...origin, load: () => this.one(name) });
  }

  /** A machine of a list, whose links are followed in this session. */
  adopt(raw: Raw): Machine {
    return toRow(raw, this.#origin(fieldsOf('extended')));
  }

  #origin(fields: ReadonlySet<string> | null): Origin {
    return {
      fields,
      load: async (row) =>
        row.noun === datacenterNoun
          ? datacenterNamed(this.#session, this.#place.datacenter)
          : this.#again(row.read('hostname') as string),
      onTopUp: () => undefined,
    };
  }

  async #again(hostname: string): Promise<Machine> {
    const machines = await this.all('extended');
    const found = machines.find((machine) => machine.read('hostname') === hostname);
    if (found === undefined) {
      throw notFound(hostname);
    }
    return found;
  }
}

function toRow(raw: Raw, origin: Origin): Machine {
  return new Row<VirtualMachine>(virtualMachineNoun, virtualMachineNoun.view, raw, origin);
}

function notFound(name: string): UpstreamFailure {
  return new UpstreamFailure(`no machine ${name}`, { kind: 'not-found', upstream: 'danube' });
}

const openFleets = perSession(() => new Map<string, Fleet>());

function fleets(session: Session): (place: Place) => Fleet {
  const open = openFleets(session);
  return (place) => {
    const key = `${place.datacenter}/${place.active}`;
    const known = open.get(key) ?? new Fleet(session, place);
    open.set(key, known);
    return known;
  };
}

/** Drops all that was read of machines: something was changed, or may have been. */
export function forgetMachines(session: Session): void {
  openFleets(session).clear();
}

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
  /** Only what is tagged with this owner, beside what the filter says. */
  readonly within?: VirtualMachineFilter | undefined;
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
  const extent = extentFor(fieldsFor({ ...virtualMachineNoun.view, uuid: noKey }, needed));
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

interface RunningTasksKey {
  readonly datacenter: string;
  readonly hostname: string;
}

const runningTasks = perSession((session) => {
  const byDatacenter = new DataLoader<string, ReadonlyMap<string, readonly string[]>>((names) =>
    Promise.all(
      names.map((name) =>
        fetchRunningTasks(danubeOf(session), name).catch((reason: Error) => reason),
      ),
    ),
  );
  return async ({ datacenter, hostname }: RunningTasksKey) =>
    (await byDatacenter.load(datacenter)).get(hostname) ?? [];
});

/**
 * A machine's tasks that have not ended: one call for all machines of a datacenter.
 *
 * @throws {UpstreamFailure}
 */
export async function tasksOf(session: Session, machine: Machine): Promise<readonly Task[]> {
  const datacenter = (await machine.get('datacenter')).read('name') as string;
  const ids = await runningTasks(session)({ datacenter, hostname: await machine.get('hostname') });
  return ids.map(toRunningTask);
}
