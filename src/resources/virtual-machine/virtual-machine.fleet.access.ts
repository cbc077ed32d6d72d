/** Machines as one session has read them: whole datacenters at a time. */

import DataLoader from 'dataloader';
import { UpstreamFailure } from '../../failure.ts';
import { type Origin, type Raw, Row } from '../../rows/row.ts';
import { danubeOf, perSession, type Session } from '../../session/session.ts';
import { datacenterNamed } from '../datacenter/datacenter.access.ts';
import { datacenterNoun } from '../datacenter/datacenter.rest.ts';
import type { VirtualMachine } from './virtual-machine.model.ts';
import {
  type Extent,
  fetchMachine,
  fetchMachines,
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
    return toRow(
      { dc: this.#place.datacenter },
      {
        ...this.#origin(new Set(['dc'])),
        load: (_row, _wanted, loading) => loading.takeFrom(this.one(name)),
      },
    );
  }

  /** A machine as a list of another kind has it, with these fields. */
  listed(raw: Raw, fields: ReadonlySet<string> | null): Machine {
    return toRow(raw, this.#origin(fields));
  }

  /** A machine as `all` of `extended` has it, whose links are followed in this session. */
  adopt(raw: Raw): Machine {
    return this.listed(raw, fieldsOf('extended'));
  }

  #origin(fields: ReadonlySet<string> | null): Origin {
    return {
      fields,
      load: (row, _wanted, loading) =>
        loading.takeFrom(
          row.noun === datacenterNoun
            ? datacenterNamed(this.#session, this.#place.datacenter)
            : this.#again(row.read('hostname') as string),
        ),
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

/** The session's machines of a place. */
export function fleets(session: Session): (place: Place) => Fleet {
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
