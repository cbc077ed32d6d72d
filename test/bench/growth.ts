/** What the gateway itself computes for a query, by what grows: rows on the page, rows in the world. */

import { type Gateway, openGateway, openWorld, type World } from './processes.ts';

export interface Growth {
  readonly query: string;
  /** Security groups in the world. */
  readonly world: number;
  /** Security groups, or projects, on the page. */
  readonly rows: number;
  readonly calls: number;
  /** The gateway's, for one answer. */
  readonly cpuMs: number;
}

interface Asked {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly rows: number;
}

const page = (name: string, rows: number, fields: string): Asked => ({
  name,
  query: `query ($rows: Int!) { securityGroups(first: $rows) { nodes { ${fields} } } }`,
  variables: { rows },
  rows,
});

const flatList = 'a flat list';
const flat = 'uuid name description state created modified';
const one = `query ($uuid: UUID!) {
  securityGroup(uuid: $uuid) {
    uuid name description rules { ethertype direction protocol fromPort toPort cidr }
  }
}`;
const fanOut = `query ($rows: Int!) {
  projects(first: $rows) {
    nodes { uuid name securityGroups(first: 5) { nodes { uuid name state } } }
  }
}`;

/** The same as where the gateway is measured against others. */
const everyKind = (uuid: string): Asked[] => [
  page(flatList, 50, flat),
  page('links in the payload', 50, 'uuid name project { uuid name } customer { uuid name }'),
  page('links that need a call', 50, 'uuid name project { description } customer { email }'),
  { name: 'lists in a list', query: fanOut, variables: { rows: 20 }, rows: 20 },
  { name: 'one with its rules', query: one, variables: { uuid }, rows: 1 },
];

async function ask({ url }: Gateway, { token }: World, { query, variables }: Omit<Asked, 'name'>) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await response.json()) as { data: unknown; errors?: unknown };
  if (answer.errors !== undefined) {
    throw new Error(`a query of the benchmark has failed: ${JSON.stringify(answer.errors)}`);
  }
  return answer.data;
}

/** One after the other, so that none shares anything with another. */
async function askOften(gateway: Gateway, world: World, asked: Asked, times: number) {
  for (let done = 0; done < times; done += 1) {
    await ask(gateway, world, asked);
  }
}

export interface GrowthPlan {
  readonly worlds: readonly number[];
  /** Of a flat list in the first world. */
  readonly rows: readonly number[];
  /** Longer than the clouds of all worlds take: what a process does while it waits is the same then. */
  readonly latencyMs: number;
  /** Each is asked for so often in a batch, and three times as often before to warm up. */
  readonly repeats: number;
}

/** Whatever else the machine does makes a batch dearer, and none cheaper. */
const batches = 3;

/** The pages of several sizes come last, when the process has done everything often. */
export async function measureGrowth({
  worlds,
  rows,
  latencyMs,
  repeats,
}: GrowthPlan): Promise<Growth[]> {
  const measured: Growth[] = [];
  for (const [at, size] of worlds.entries()) {
    await using stack = new AsyncDisposableStack();
    const world = await openWorld(stack, size, latencyMs);
    const gateway = await openGateway(stack, world);
    const first = (await ask(gateway, world, page('', 1, 'uuid'))) as {
      securityGroups: { nodes: [{ uuid: string }] };
    };
    const kinds = everyKind(first.securityGroups.nodes[0].uuid);
    const pages = at === 0 ? rows.map((count) => page(flatList, count, flat)) : [];
    for (const asked of [...kinds, ...pages]) {
      await askOften(gateway, world, asked, 3 * repeats);
      await world.calls();
      let cpuSeconds = Number.POSITIVE_INFINITY;
      for (let batch = 0; batch < batches; batch += 1) {
        const before = await gateway.cpuSeconds();
        await askOften(gateway, world, asked, repeats);
        cpuSeconds = Math.min(cpuSeconds, (await gateway.cpuSeconds()) - before);
      }
      measured.push({
        query: asked.name,
        world: size,
        rows: asked.rows,
        calls: (await world.calls()) / (batches * repeats),
        cpuMs: (cpuSeconds * 1_000) / repeats,
      });
    }
  }
  return measured;
}
