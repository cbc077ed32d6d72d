/** Datacenters over Danube Cloud's REST API. */

import type { Noun, Raw, Reading, View } from '../../rows/row.ts';
import type { DanubeConnection } from '../../upstream/danube/connection.ts';
import { danube } from '../../upstream/danube/readings.ts';

const accessNames: Readonly<Record<string, string>> = { '1': 'public', '3': 'private' };

const access: Reading<string | null> = {
  fields: ['access'],
  read: ({ access: given }) =>
    given === null || given === undefined ? null : (accessNames[String(given)] ?? String(given)),
};

/** Source: GET /dc in Danube Cloud's API documentation. */
export const datacenterNoun: Noun = {
  name: 'Datacenter',
  view: {
    name: danube.text('name'),
    alias: danube.textUnlessEmpty('alias'),
    owner: danube.textUnlessEmpty('owner'),
    description: danube.textUnlessEmpty('desc'),
    access,
  },
};

/** What a machine's row holds of its datacenter: the name that it was asked for with. */
export const datacenterInMachine: View = { name: danube.text('dc') };

/**
 * Every datacenter that the caller may enter, by name.
 *
 * @param withDetails - names alone otherwise
 * @throws {UpstreamFailure}
 */
export async function fetchDatacenters(
  connection: DanubeConnection,
  withDetails: boolean,
): Promise<readonly Raw[]> {
  const result = await connection.read('/dc/', withDetails ? { full: 'true' } : {});
  if (!Array.isArray(result)) {
    throw danube.wrong('/dc/', 'a list');
  }
  return result.map((entry: unknown): Raw => {
    if (typeof entry === 'string') {
      return { name: entry };
    }
    if (typeof entry === 'object' && entry !== null) {
      return entry as Raw;
    }
    throw danube.wrong('/dc/', 'names or objects');
  });
}
