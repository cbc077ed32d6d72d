/**
 * Full load for ten minutes, with a fault in each twentieth answer of the clouds.
 *
 * `npm run soak`, with `SOAK_SECONDS` and `SOAK_CLIENTS` for another length and number. Fails when an
 * answer is neither right nor an honest error, or when the gateway grows after its first minute. It
 * lets nobody out of this machine.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import type { Fault } from '../../src/sandbox/server.ts';

const seconds = Number(process.env.SOAK_SECONDS ?? 600);
const clients = Number(process.env.SOAK_CLIENTS ?? 32);
const faultShare = 0.05;
const honest =
  /^(UPSTREAM_(UNAVAILABLE|TIMEOUT|FAILED)|RATE_LIMITED|OUTCOME_UNKNOWN|FORBIDDEN|NOT_FOUND)$/;

const queries = [
  '{ securityGroups(first: 50) { totalCount nodes { name state project { name } tenant { name } } } }',
  '{ securityGroups(first: 20) { nodes { name project { description } customer { email } } } }',
  '{ projects(first: 10) { nodes { name securityGroups(first: 3) { totalCount nodes { name } } } } }',
  '{ virtualMachines(first: 20) { totalCount nodes { hostname status project { name } } } }',
  '{ datacenters { name } serverGroups(first: 10) { nodes { name policy } } }',
  '{ viewer { username } }',
];

interface Report {
  readonly heapMb: number;
  readonly timers: number;
  readonly sockets: number;
  readonly listeners: number;
  readonly vitals: { readonly underWay: number; readonly rounds: number };
}

const faults: readonly Fault[] = [
  { kind: 'reset' },
  { kind: 'truncate', share: 0.5 },
  { kind: 'hang' },
  { kind: 'delay', delayMs: 50 },
  { kind: 'answer', answer: { status: 500, body: 'Server Error' } },
  { kind: 'answer', answer: { status: 503, headers: { 'retry-after': '0' }, body: '' } },
  { kind: 'answer', answer: { status: 200, body: '<html>' } },
];

const sandbox = await openSandbox({ danubeCallsPerMinute: null });
const child = fork(fileURLToPath(new URL('./gateway.ts', import.meta.url)), {
  execArgv: ['--expose-gc'],
  env: {
    PATH: process.env.PATH ?? '',
    PORT: '0',
    WALDUR_URL: sandbox.waldur.server.url,
    DANUBE_URL: sandbox.danube.server.url,
    DANUBE_CALLS_PER_MINUTE: '0',
    UPSTREAM_TIMEOUT_MS: '1000',
    MAX_LAG_MS: '0',
  },
});
const [{ url }] = (await once(child, 'message')) as [{ url: string }];

async function report(): Promise<Report> {
  child.send('report');
  return ((await once(child, 'message')) as [Report])[0];
}

/** Several callers, so that not everything is shared. */
const callers = [sandbox.callers.staff, sandbox.callers.owner, sandbox.callers.member];

async function ask(query: string, at: number, signal?: AbortSignal) {
  const caller = callers[at % callers.length] as (typeof callers)[number];
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Token ${caller.waldurToken}`,
      'x-danube-api-key': caller.danubeApiKey,
    },
    body: JSON.stringify({ query }),
    ...(signal === undefined ? {} : { signal }),
  });
  return (await response.json()) as { data: unknown; errors?: { extensions: { code: string } }[] };
}

const right = new Map<string, string>();
for (const [at] of callers.entries()) {
  for (const query of queries) {
    right.set(`${at} ${query}`, JSON.stringify((await ask(query, at)).data));
  }
}

for (const { server } of [sandbox.waldur, sandbox.danube]) {
  for (const fault of faults) {
    server.inject({ fault, when: () => Math.random() < faultShare / faults.length });
  }
  // The sandbox remembers every call for tests; nobody asks for them here.
  setInterval(() => server.forgetCalls(), 1_000).unref();
}

const counts = { answers: 0, errors: 0, left: 0, wrong: 0 };
const endMs = performance.now() + seconds * 1_000;

async function client(at: number): Promise<void> {
  for (let asked = at; performance.now() < endMs; asked += 1) {
    const query = queries[asked % queries.length] as string;
    // One of fifty leaves before its answer has come.
    const leaving = asked % 50 === 0 ? AbortSignal.timeout(2) : undefined;
    try {
      const { data, errors } = await ask(query, at, leaving);
      counts.answers += 1;
      if (errors === undefined) {
        if (JSON.stringify(data) !== right.get(`${at % callers.length} ${query}`)) {
          counts.wrong += 1;
          console.error('wrong:', query, JSON.stringify(data).slice(0, 300));
        }
      } else {
        counts.errors += 1;
        for (const { extensions } of errors) {
          if (!honest.test(extensions.code)) {
            counts.wrong += 1;
            console.error('not honest:', query, extensions);
          }
        }
      }
    } catch (reason) {
      if (leaving === undefined) {
        throw reason;
      }
      counts.left += 1;
    }
  }
}

const reports: Report[] = [];
const load = Promise.all(Array.from({ length: clients }, (_, at) => client(at)));
while (performance.now() < endMs) {
  await delay(Math.min(10_000, Math.max(1, endMs - performance.now())));
  const seen = await report();
  reports.push(seen);
  console.log(JSON.stringify({ ...counts, ...seen }));
}
await load;
await delay(2_000);
const rest = await report();
console.log('at rest:', JSON.stringify({ ...counts, ...rest }));
child.kill('SIGTERM');
const [exitCode] = (await once(child, 'exit')) as [number | null];
await sandbox.close();

/** Of the second tenth against the last, which chance alone may set apart by a little. */
const after = reports.slice(Math.ceil(reports.length / 10));
const middle = Math.floor(after.length / 2);
const mean = (some: readonly Report[]) =>
  some.reduce((sum, { heapMb }) => sum + heapMb, 0) / Math.max(1, some.length);
const growth = middle === 0 ? 1 : mean(after.slice(middle)) / mean(after.slice(0, middle));
const faultsFound = [
  ...(counts.wrong > 0 ? [`${counts.wrong} answers were wrong`] : []),
  ...(growth > 1.1 ? [`the heap has grown by ${Math.round((growth - 1) * 100)} %`] : []),
  ...(rest.vitals.underWay > 0 || rest.vitals.rounds > 0 ? ['something is still under way'] : []),
  ...(exitCode === 0 ? [] : [`the gateway ended with ${exitCode}`]),
];
console.log(
  `${counts.answers} answers in ${seconds} s, ${counts.errors} of them with errors, ${counts.left} clients left; heap ${mean(after.slice(0, middle)).toFixed(1)} MB, then ${mean(after.slice(middle)).toFixed(1)} MB`,
);
for (const fault of faultsFound) {
  console.error(fault);
}
process.exitCode = faultsFound.length > 0 ? 1 : 0;
