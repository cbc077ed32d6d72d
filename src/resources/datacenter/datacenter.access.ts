/** What resolvers may ask about datacenters. */

import DataLoader from 'dataloader';
import { UpstreamFailure } from '../../failure.ts';
import { type Origin, Row, type Wanted } from '../../rows/row.ts';
import { isNothing } from '../../rows/wanted.ts';
import { danubeOf, perSession, type Session } from '../../session/session.ts';
import type { Datacenter } from './datacenter.model.ts';
import { datacenterNoun, fetchDatacenters } from './datacenter.rest.ts';

const nameAlone: ReadonlySet<string> = new Set(['name']);

/** All datacenters, each of the two lists at most once a session. */
const lists = perSession((session) => {
  const loader = new DataLoader<boolean, readonly Row<Datacenter>[]>(async (askedFor) => {
    const withDetails = askedFor.includes(true);
    const raws = await fetchDatacenters(danubeOf(session), withDetails);
    const origin: Origin = {
      fields: withDetails ? null : nameAlone,
      load: (row, _wanted, loading) =>
        loading.takeFrom(datacenterNamed(session, row.read('name') as string)),
      onTopUp: () => undefined,
    };
    const rows = raws.map(
      (raw) => new Row<Datacenter>(datacenterNoun, datacenterNoun.view, raw, origin),
    );
    return askedFor.map(() => rows);
  });
  return loader;
});

/**
 * Every datacenter that the caller may enter, by name.
 *
 * @throws {UpstreamFailure}
 */
export function datacenters(session: Session, wanted: Wanted): Promise<readonly Row<Datacenter>[]> {
  const { name: _, ...more } = wanted;
  return lists(session).load(!isNothing(more));
}

/**
 * The datacenter with all that is known of it.
 *
 * @throws {UpstreamFailure} `not-found` too
 */
export async function datacenterNamed(session: Session, name: string): Promise<Row<Datacenter>> {
  const all = await lists(session).load(true);
  const found = all.find((row) => row.read('name') === name);
  if (found === undefined) {
    throw new UpstreamFailure(`no datacenter ${name}`, { kind: 'not-found', upstream: 'danube' });
  }
  return found;
}
