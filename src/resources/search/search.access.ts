/** What resolvers may ask across all nouns. */

import type { Wanted } from '../../rows/row.ts';
import { union } from '../../rows/wanted.ts';
import { type Slice, sliceOf, type Window } from '../../rows/window.ts';
import type { Session } from '../../session/session.ts';
import { allocations } from '../allocation/allocation.access.ts';
import { customers } from '../customer/customer.access.ts';
import { datacenters } from '../datacenter/datacenter.access.ts';
import { projects } from '../project/project.access.ts';
import { type ResourceFilter, statesOf } from '../resource/resource.model.ts';
import { securityGroups } from '../security-group/security-group.access.ts';
import { serverGroups } from '../server-group/server-group.access.ts';
import { tenants } from '../tenant/tenant.access.ts';
import { virtualMachines } from '../virtual-machine/virtual-machine.access.ts';
import { type SearchType, type Sought, searchTypes } from './search.model.ts';

type Search = (
  session: Session,
  sought: Sought,
  window: Window,
  wanted: Wanted | null,
) => Promise<Slice<object>>;

/**
 * What there is of one type: one call to Waldur, and one to Danube Cloud for each datacenter and one
 * for their names, which its two types share.
 *
 * @param wanted - null when only their number is
 * @throws {UpstreamFailure}
 */
export async function search(
  session: Session,
  type: SearchType,
  sought: Sought,
  wanted: Wanted | null,
): Promise<Slice<object>> {
  const window = { from: 0, until: null, first: sought.first, last: null };
  return searches[type](session, sought, window, wanted);
}

/** The types of the clouds that are configured. */
export function searchable(session: Session): SearchType[] {
  return searchTypes.filter((type) =>
    type === 'DATACENTER' || type === 'VIRTUAL_MACHINE'
      ? session.danube !== undefined
      : session.waldur !== undefined,
  );
}

/** A whole uuid is looked for as such; Waldur's lists cannot, but its details can. */
function uuidIn({ text }: Sought): string | undefined {
  const digits = text.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits : undefined;
}

/** What has no state is in none. */
const stateless =
  (list: Search): Search =>
  async (session, sought, window, wanted) =>
    sought.states === null ? list(session, sought, window, wanted) : sliceOf([], window);

interface Text {
  name?: string;
  query?: string;
  uuid?: string;
}

type List<F> = (
  session: Session,
  request: { readonly filter: F; readonly window: Window; readonly wanted: Wanted | null },
) => Promise<Slice<object>>;

/** @param input - the filter's input that looks for texts */
function textOf(sought: Sought, input: 'name' | 'query'): Text {
  const uuid = uuidIn(sought);
  return uuid === undefined ? { [input]: sought.text } : { uuid };
}

/** Of Waldur's owners. */
const owners = (list: List<Text>): Search =>
  stateless((session, sought, window, wanted) =>
    list(session, { filter: textOf(sought, 'query'), window, wanted }),
  );

/** Of Waldur's resources. */
const resources =
  (list: List<Text & ResourceFilter>, input: 'name' | 'query'): Search =>
  (session, sought, window, wanted) => {
    const state = sought.states?.flatMap((one) => statesOf[one]);
    return list(session, { filter: { ...textOf(sought, input), state }, window, wanted });
  };

const searches: Readonly<Record<SearchType, Search>> = {
  CUSTOMER: owners(customers),
  PROJECT: owners(projects),
  TENANT: resources(tenants, 'name'),
  SECURITY_GROUP: resources(securityGroups, 'query'),
  SERVER_GROUP: resources(serverGroups, 'name'),
  ALLOCATION: resources(allocations, 'name'),
  DATACENTER: stateless(async (session, { text }, window, wanted) => {
    const all = await datacenters(session, union({ name: {}, alias: {} }, wanted ?? {}));
    const part = text.toLowerCase();
    const found = all.filter((row) =>
      [row.read('name'), row.read('alias')].some((name) =>
        String(name ?? '')
          .toLowerCase()
          .includes(part),
      ),
    );
    return sliceOf(found, window);
  }),
  VIRTUAL_MACHINE: (session, { text, states }, window, wanted) =>
    virtualMachines(session, {
      window,
      wanted,
      datacenter: null,
      active: false,
      within: { text, overall: states ?? undefined },
    }),
};
