/**
 * What the gateway itself computes for a query under load, by what grows: rows on the page, rows in the
 * world.
 */

import { Pool } from 'undici';
import { type Gateway, openGateway, openWorld, type World } from './processes.ts';

export interface Growth {
  readonly query: string;
  /** Security groups in the world. */
  readonly world: number;
  /** Security groups, or projects, on the page. */
  readonly rows: number;
  readonly calls: number;
  /** The gateway's, for one answer: the median of several turns. */
  readonly cpuMs: number;
}

export interface Grown {
  /** A flat list in the first world. */
  readonly byRows: readonly Growth[];
  /** Each kind of query, in each world. */
  readonly byWorld: readonly Growth[];
}

interface Asked {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** As many as there are in the right answer. */
  readonly rows: number;
}

const page = (name: string, rows: number, fields: string): Asked => ({
  name,
  query: `query ($rows: Int!) { securityGroups(first: $rows) { nodes { ${fields} } } }`,
  variables: { rows },
  rows,
});

const flatList = (rows: number) =>
  page('a flat list', rows, 'uuid name description state created modified');
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
const kinds: readonly ((uuid: string) => Asked)[] = [
  () => flatList(50),
  () => page('links in the payload', 50, 'uuid name project { uuid name } customer { uuid name }'),
  () => page('links that need a call', 50, 'uuid name project { description } customer { email }'),
  () => ({ name: 'lists in a list', query: fanOut, variables: { rows: 20 }, rows: 20 }),
  (uuid) => ({ name: 'one with its rules', query: one, variables: { uuid }, rows: 1 }),
];

interface Connected {
  readonly gateway: Gateway;
  readonly connections: Pool;
}

/** A world, and a gateway that has it to itself. */
interface Side extends Connected {
  readonly size: number;
  readonly world: World;
  /** Of a security group that is there. */
  readonly uuid: string;
}

export interface GrowthPlan {
  readonly worlds: readonly number[];
  /** Of a flat list in the first world. */
  readonly rows: readonly number[];
  /** Who ask at a time, each with a token of their own, so that none shares anything with another. */
  readonly clients: number;
  /** How long all ask in a turn; each at least once. */
  readonly forMs: number;
  /** What is compared is asked in turns, as machines change their speed; so often each, besides the first. */
  readonly turns: number;
}

/**
 * @throws when an answer has errors, is not what the one before it was, or has not the rows that it is
 *   reported with
 */
export async function measureGrowth({
  worlds,
  rows,
  clients,
  forMs,
  turns,
}: GrowthPlan): Promise<Grown> {
  await using stack = new AsyncDisposableStack();
  const sides: Side[] = [];
  for (const size of worlds) {
    sides.push(await openSide(stack, size, clients));
  }
  const kindsByWorld = kinds.flatMap((kind) =>
    sides.map((side) => ({ side, asked: kind(side.uuid) })),
  );
  const pages = sides
    .slice(0, 1)
    .flatMap((side) => rows.map((count) => ({ side, asked: flatList(count) })));
  const measured = await inTurns([...kindsByWorld, ...pages], forMs, turns);
  return {
    byWorld: measured.slice(0, kindsByWorld.length),
    byRows: measured.slice(kindsByWorld.length),
  };
}

async function openSide(stack: AsyncDisposableStack, size: number, clients: number): Promise<Side> {
  const world = await openWorld(stack, { securityGroups: size, latencyMs: 0, callers: clients });
  const gateway = await openGateway(stack, world);
  const connections = new Pool(new URL(gateway.url).origin, { connections: clients });
  stack.defer(() => connections.destroy());
  const text = await ask(
    { gateway, connections },
    world.tokens[0],
    bodyOf(page('any group', 1, 'uuid')),
  );
  const { data } = JSON.parse(text) as { data: { securityGroups: { nodes: [{ uuid: string }] } } };
  return { size, world, gateway, connections, uuid: data.securityGroups.nodes[0].uuid };
}

/**
 * What is compared with each other, asked for by turns: each for so long, and so often. What is seldom asked
 * for is slow at first, so a turn goes before that does not count.
 *
 * @returns what each took, in their order
 */
async function inTurns(
  all: readonly { side: Side; asked: Asked }[],
  forMs: number,
  turns: number,
): Promise<Growth[]> {
  const taken = all.map((one) => ({ ...one, calls: [] as number[], cpuMs: [] as number[] }));
  for (let turn = 0; turn <= turns; turn += 1) {
    // What one leaves to be collected the next pays for: there and back again.
    for (const { side, asked, calls, cpuMs } of turn % 2 === 0 ? taken : taken.toReversed()) {
      const took = await load(side, asked, forMs);
      if (turn > 0) {
        calls.push(took.calls);
        cpuMs.push(took.cpuMs);
      }
    }
  }
  return taken.map(({ side, asked, calls, cpuMs }) => ({
    query: asked.name,
    world: side.size,
    rows: asked.rows,
    calls: median(calls),
    cpuMs: median(cpuMs),
  }));
}

const median = (all: readonly number[]) =>
  all.toSorted((one, other) => one - other)[all.length >> 1] ?? Number.NaN;

const bodyOf = ({ query, variables }: Asked) => JSON.stringify({ query, variables });

/** @throws when the answer has errors */
async function ask(
  { gateway, connections }: Connected,
  token: string,
  body: string,
): Promise<string> {
  const { statusCode, body: answer } = await connections.request({
    method: 'POST',
    path: new URL(gateway.url).pathname,
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    body,
  });
  const text = await answer.text();
  if (statusCode !== 200 || text.includes('"errors":')) {
    throw new Error(`a query of the benchmark has failed with ${statusCode}: ${text}`);
  }
  return text;
}

function rowsIn({ data }: { data: Record<string, { nodes?: unknown[] }> }): number {
  const [found] = Object.values(data);
  return found?.nodes?.length ?? 1;
}

/** What one answer took, of all in this turn. */
async function load(side: Side, asked: Asked, forMs: number) {
  const { gateway, world } = side;
  const body = bodyOf(asked);
  const right = await ask(side, world.tokens[0], body);
  if (rowsIn(JSON.parse(right)) !== asked.rows) {
    throw new Error(`${asked.name}: not ${asked.rows} rows in ${right}`);
  }
  await world.calls();
  const cpuBefore = await gateway.cpuSeconds();
  const untilMs = performance.now() + forMs;
  let answers = 0;
  await Promise.all(
    world.tokens.map(async (token) => {
      do {
        if ((await ask(side, token, body)) !== right) {
          throw new Error(`${asked.name}: another answer than before`);
        }
        answers += 1;
      } while (performance.now() < untilMs);
    }),
  );
  const cpuMs = ((await gateway.cpuSeconds()) - cpuBefore) * 1_000;
  return { calls: (await world.calls()) / answers, cpuMs: cpuMs / answers };
}
