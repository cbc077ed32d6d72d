/** Pictures of what a page costs the clouds: by REST as a frontend does it, and by one query. */

import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { openGateway } from '../../src/gateway.ts';
import { openSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';

/** What a page shows, and the two ways to it. */
export interface Scene {
  /** The picture's file, without its ending. */
  readonly name: string;
  readonly title: string;
  readonly query: string;
  /** As REST's clients do it: the page's list, then whatever each row of it leads to. */
  readonly byRest: (get: (path: string) => Promise<readonly Row[]>) => Promise<unknown>;
}

type Row = Readonly<Record<string, string>>;

const api = (path: string) => `/api/${path}`;
const distinct = (rows: readonly Row[], field: string) => [
  ...new Set(rows.map((row) => row[field] ?? '')),
];

export const scenes: readonly Scene[] = [
  {
    name: 'linked',
    title:
      '50 security groups with the description of their project and the email of their customer',
    query:
      '{ securityGroups(first: 50) { nodes { name project { description } customer { email } } } }',
    async byRest(get) {
      const groups = await get(api('openstack-security-groups/?page_size=50&o=created'));
      await Promise.all([
        ...distinct(groups, 'project_uuid').map((uuid) => get(api(`projects/${uuid}/`))),
        ...distinct(groups, 'customer_uuid').map((uuid) => get(api(`customers/${uuid}/`))),
      ]);
    },
  },
  {
    name: 'fan-out',
    title: '20 projects with their first 5 security groups and how many there are',
    query:
      '{ projects(first: 20) { nodes { name securityGroups(first: 5) { totalCount nodes { name } } } } }',
    async byRest(get) {
      const projects = await get(api('projects/?page_size=20&o=name'));
      await Promise.all(
        projects.map(({ uuid }) =>
          get(api(`openstack-security-groups/?project_uuid=${uuid}&page_size=5`)),
        ),
      );
    },
  },
];

const latencyMs = 40;
/** As many as browsers send to one host at a time. */
const atATime = 6;

interface Bar {
  readonly route: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Drawn {
  readonly svg: string;
  /** Calls by REST, and by the gateway. */
  readonly calls: readonly [rest: number, gateway: number];
}

/** Arrivals at a cloud while something is done. */
async function barsOf(sandbox: Sandbox, act: () => Promise<unknown>): Promise<readonly Bar[]> {
  const bars: Bar[] = [];
  const begunMs = performance.now();
  const off = sandbox.waldur.server.inject({
    fault: { kind: 'delay', delayMs: latencyMs },
    when: ({ path }) => {
      const startMs = performance.now() - begunMs;
      const route = path.replace(/[0-9a-f]{32}/, '{uuid}');
      bars.push({ route, startMs, endMs: startMs + latencyMs });
      return true;
    },
  });
  await act();
  off();
  return bars;
}

/** A client that sends so many at a time. */
function restClient(sandbox: Sandbox) {
  const { url } = sandbox.waldur.server;
  const headers = { authorization: `Token ${sandbox.callers.staff.waldurToken}` };
  let free = atATime;
  const waiting: (() => void)[] = [];
  return async (path: string): Promise<readonly Row[]> => {
    if (free === 0) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      free -= 1;
    }
    const response = await fetch(`${url}${path}`, { headers });
    const body = (await response.json()) as Row | readonly Row[];
    const next = waiting.shift();
    if (next === undefined) {
      free += 1;
    } else {
      next();
    }
    return [body].flat() as readonly Row[];
  };
}

/** Draws a scene from a run of both ways on a sandbox of its own. */
export async function draw(scene: Scene): Promise<Drawn> {
  const sandbox = await openSandbox({ sizes: { customers: 20, projects: 100, tenants: 50 } });
  const config = readConfig({ WALDUR_URL: sandbox.waldur.server.url });
  const gateway = openGateway(config, pino({ level: 'silent' }), { headers: {} });
  const ask = () =>
    gateway.fetch(
      new Request('http://gateway/graphql', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Token ${sandbox.callers.staff.waldurToken}`,
        },
        body: JSON.stringify({ query: scene.query }),
      }),
    );
  // What it has seen of the sizes of lists makes its plans.
  await ask();
  const rest = await barsOf(sandbox, () => scene.byRest(restClient(sandbox)));
  const planned = await barsOf(sandbox, async () => ask());
  await gateway.close();
  await sandbox.close();
  return { svg: svgOf(scene.title, rest, planned), calls: [rest.length, planned.length] };
}

const width = 860;
const left = 20;
const barHeight = 7;

function panel(title: string, bars: readonly Bar[], topPx: number, pxPerMs: number): string {
  const endMs = Math.max(...bars.map((bar) => bar.endMs));
  const drawn = bars.map(({ route, startMs, endMs: end }, at) => {
    const x = left + startMs * pxPerMs;
    const y = topPx + 34 + at * (barHeight + 2);
    const colour = /\{uuid\}/.test(route) ? 'thing' : 'list';
    return `<rect class="${colour}" x="${x.toFixed(1)}" y="${y}" width="${((end - startMs) * pxPerMs).toFixed(1)}" height="${barHeight}" rx="2"><title>${route}</title></rect>`;
  });
  const calls = bars.length === 1 ? '1 call' : `${bars.length} calls`;
  return [
    `<text class="head" x="${left}" y="${topPx + 14}">${title}: ${calls}, ${Math.round(endMs)} ms</text>`,
    ...drawn,
  ].join('\n');
}

function svgOf(title: string, rest: readonly Bar[], planned: readonly Bar[]): string {
  const endMs = Math.max(...[...rest, ...planned].map((bar) => bar.endMs));
  const pxPerMs = (width - 2 * left) / endMs;
  const restHeight = 50 + rest.length * (barHeight + 2);
  const plannedTop = 40 + restHeight;
  const height = plannedTop + 50 + planned.length * (barHeight + 2) + 24;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .head { font-weight: 600; }
  .list { fill: #2f6fde; } .thing { fill: #d9822b; }
  .ground { fill: #ffffff; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .ground { fill: #0d1117; } }
</style>
<rect class="ground" width="${width}" height="${height}" rx="6"/>
<text x="${left}" y="24">${title}; each answer takes the cloud ${latencyMs} ms</text>
${panel('By REST, six at a time', rest, 40, pxPerMs)}
${panel('By one query', planned, plannedTop, pxPerMs)}
<rect class="list" x="${left}" y="${height - 18}" width="14" height="${barHeight}" rx="2"/>
<text x="${left + 20}" y="${height - 10}">a list</text>
<rect class="thing" x="${left + 80}" y="${height - 18}" width="14" height="${barHeight}" rx="2"/>
<text x="${left + 100}" y="${height - 10}">one thing</text>
</svg>
`;
}
