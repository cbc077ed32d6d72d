/**
 * Lists every rule that lets the whole world in, from all pages of security groups.
 *
 *   WALDUR_TOKEN=… node open-to-the-world.ts http://127.0.0.1:4000/graphql
 */

interface Page {
  readonly securityGroups: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly nodes: readonly {
      readonly name: string;
      readonly project: { readonly name: string };
      readonly rules: readonly {
        readonly direction: 'INGRESS' | 'EGRESS';
        readonly protocol: string | null;
        readonly fromPort: number | null;
        readonly toPort: number | null;
        readonly cidr: string | null;
        readonly remoteGroup: { readonly name: string } | null;
      }[];
    }[];
  };
}

const query = `query OpenToTheWorld($after: String) {
  securityGroups(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      name
      project { name }
      rules { direction protocol fromPort toPort cidr remoteGroup { name } }
    }
  }
}`;

const [, , url = ''] = process.argv;
const authorization = `Token ${process.env.WALDUR_TOKEN}`;

/** @throws {Error} with the graph's words when there is no answer */
async function page(after: string | null): Promise<Page> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query, variables: { after } }),
  });
  const { data, errors } = (await response.json()) as { data?: Page; errors?: Error[] };
  if (!data?.securityGroups) {
    throw new Error(errors?.[0]?.message);
  }
  return data;
}

const world = new Set(['0.0.0.0/0', '::/0', null]);

for (let after: string | null = null, isMore = true; isMore; ) {
  const { nodes, pageInfo }: Page['securityGroups'] = (await page(after)).securityGroups;
  for (const { name, project, rules } of nodes) {
    for (const { direction, protocol, fromPort, toPort, cidr, remoteGroup } of rules) {
      if (direction === 'INGRESS' && world.has(cidr) && remoteGroup === null) {
        const ports = fromPort === null ? 'all' : `${fromPort}-${toPort}`;
        console.log([project.name, name, protocol ?? 'any', ports].join('\t'));
      }
    }
  }
  after = pageInfo.endCursor;
  isMore = pageInfo.hasNextPage;
}
