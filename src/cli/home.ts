/** The page at `/` of a gateway on the sandbox: what is in the world, and who may ask about it. */

import type { Sandbox } from '../sandbox/sandbox.ts';

const rights: Readonly<Record<keyof Sandbox['callers'], string>> = {
  staff: 'sees and changes everything in both clouds',
  owner: 'owns the first customer, and a datacenter’s machines',
  member: 'is a member of two projects',
  stranger: 'is known, and may see next to nothing',
};

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}

/** A number of things, in each state that some are in. */
function counted(things: readonly { readonly state?: string; readonly status?: string }[]): string {
  const states = new Map<string, number>();
  for (const { state, status } of things) {
    const name = state ?? status;
    if (name !== undefined) {
      states.set(name, (states.get(name) ?? 0) + 1);
    }
  }
  const told = [...states].sort(([, one], [, other]) => other - one);
  return told.map(([state, count]) => `${count} ${escaped(state)}`).join(', ');
}

function worldOf({ waldur, danube }: Sandbox) {
  const { world } = waldur;
  const kept = world.projects.filter(({ isRemoved }) => !isRemoved);
  return [
    ['customers', world.customers.length, ''],
    ['projects', kept.length, `${world.projects.length - kept.length} removed`],
    ['tenants', world.tenants.length, counted(world.tenants)],
    ['security groups', world.securityGroups.length, counted(world.securityGroups)],
    ['server groups', world.serverGroups.length, counted(world.serverGroups)],
    ['allocations', world.allocations.length, counted(world.allocations)],
    [
      'datacenters',
      danube.world.datacenters.length,
      danube.world.datacenters.map(({ name }) => escaped(name)).join(', '),
    ],
    ['machines', danube.world.machines.length, counted(danube.world.machines)],
  ] as const;
}

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.8rem 0.3rem 0; border-bottom: 1px solid #8884; }
  td.number { text-align: right; font-variant-numeric: tabular-nums; }
  code, pre { font: 0.85rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
  pre { padding: 0.8rem; border: 1px solid #8884; border-radius: 6px; white-space: pre-wrap; }
`;

/**
 * The page, as the world is now.
 *
 * @param sandbox - whose tokens open nothing but itself
 * @param seed - what it was made from
 */
export function homeOf(sandbox: Sandbox, seed: number): string {
  const { callers, waldur, danube } = sandbox;
  const world = worldOf(sandbox)
    .map(
      ([name, count, told]) =>
        `<tr><td>${name}</td><td class="number">${count}</td><td>${told}</td></tr>`,
    )
    .join('\n');
  const people = Object.entries(callers)
    .map(
      ([name, { waldurToken, danubeApiKey }]) =>
        `<tr><td>${name}</td><td>${rights[name as keyof typeof rights]}</td>` +
        `<td><code>Authorization: Token ${waldurToken}</code><br>` +
        `<code>X-Danube-Api-Key: ${danubeApiKey}</code></td></tr>`,
    )
    .join('\n');
  const query = `curl -s "$URL/graphql" -H 'content-type: application/json' \\
  -H 'authorization: Token ${callers.member.waldurToken}' \\
  -d '{"query": "{ projects { totalCount nodes { name } } }"}'`;
  const program = `import { readConfig } from 'stratograph/config';
import { openGateway } from 'stratograph/gateway';
import { openSandbox } from 'stratograph/sandbox';

const sandbox = await openSandbox({ seed: ${seed}, faults: ['waldur.projects=503@10%'], latencyMs: 80 });`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stratograph's sandbox</title>
<style>${style}</style>
<h1>Stratograph's sandbox</h1>
<p>Both clouds are simulated, from the seed ${seed}. Ask about them in <a href="/graphql">GraphiQL</a>, or from a
program with one of the credentials below. Nothing is kept when the process ends.</p>
<h2>What there is now</h2>
<table>
${world}
</table>
<h2>Who may ask</h2>
<table>
${people}
</table>
<h2>From a shell</h2>
<pre>${escaped(query)}</pre>
<h2>In a test of your own</h2>
<pre>${escaped(program)}</pre>
<h2>The clouds themselves</h2>
<p>Waldur is at <code>${waldur.server.url}</code>, Danube Cloud at <code>${danube.server.url}</code>; the gateway's own
<a href="/health/ready">health</a> and <a href="/metrics">metrics</a> are here.</p>
</html>
`;
}
