/** The same answer by three ways: a page of security groups with their projects and customers. */

import type { Gateway, World } from './processes.ts';

export interface Group {
  readonly uuid: string;
  readonly name: string;
  readonly project: { readonly name: string; readonly description: string } | null;
  readonly customer: { readonly name: string; readonly email: string } | null;
}

export interface Got {
  readonly groups: readonly Group[];
  /** Of the answers' bodies. */
  readonly bytes: number;
}

/** @param rows - how many groups, at most 300 */
export type Way = (rows: number) => Promise<Got>;

export const ways = [
  'REST calls, as pages make them',
  'Stratograph',
  'one REST call alone',
] as const;
export type WayName = (typeof ways)[number];

const query = `query Linked($rows: Int!) {
  securityGroups(first: $rows) {
    nodes { uuid name project { name description } customer { name email } }
  }
}`;

/** So many calls to a host are under way at a time in browsers. */
const browserConnections = 6;

interface Listed {
  readonly uuid: string;
  readonly name: string;
  readonly project: string;
  readonly customer: string;
}

export function waysTo(world: World, gateway: Gateway): Readonly<Record<WayName, Way>> {
  const headers = { authorization: `Token ${world.tokens[0]}` };
  const list = (rows: number, fields = '') =>
    `${world.url}/api/openstack-security-groups/?page_size=${rows}&o=created${fields}`;
  return {
    Stratograph: async (rows) => {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { rows } }),
      });
      const text = await response.text();
      const { data } = JSON.parse(text) as {
        data: { securityGroups: { nodes: readonly Group[] } };
      };
      return { groups: data.securityGroups.nodes, bytes: text.length };
    },
    'one REST call alone': async (rows) => {
      const text = await (await fetch(list(rows, '&field=uuid&field=name'), { headers })).text();
      const found = JSON.parse(text) as readonly Listed[];
      return {
        groups: found.map(({ uuid, name }) => ({ uuid, name, project: null, customer: null })),
        bytes: text.length,
      };
    },
    'REST calls, as pages make them': async (rows) => {
      let bytes = 0;
      const read = async <T>(url: string) => {
        const text = await (await fetch(url, { headers })).text();
        bytes += text.length;
        return JSON.parse(text) as T;
      };
      const listed = await read<readonly Listed[]>(list(rows));
      const links = [...new Set(listed.flatMap(({ project, customer }) => [project, customer]))];
      const found = new Map<string, { name: string; description: string; email: string }>();
      // Each connection takes the next that nobody has taken.
      const rest = links.values();
      await Promise.all(
        Array.from({ length: browserConnections }, async () => {
          for (const link of rest) {
            found.set(link, await read(link));
          }
        }),
      );
      return {
        bytes,
        groups: listed.map(({ uuid, name, project, customer }) => {
          const of = found.get(project);
          const by = found.get(customer);
          return {
            uuid,
            name,
            project: of === undefined ? null : { name: of.name, description: of.description },
            customer: by === undefined ? null : { name: by.name, email: by.email },
          };
        }),
      };
    },
  };
}
