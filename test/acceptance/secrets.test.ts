/** Marked secrets in every credential and payload, through every error path there is: none comes out. */

import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import { aGateway } from '../a-gateway.ts';

const mark = 'MARKED-s3cr3t';
const json = { 'content-type': 'application/json' };

const answering = (
  status: number,
  body: string,
  headers: Record<string, string> = json,
): Fault => ({
  kind: 'answer',
  answer: { status, headers: { ...headers, 'x-secret': `${mark}-header` }, body },
});

/** What a cloud may say, with something in it that is not for clients. */
const faults: readonly Fault[] = [
  { kind: 'reset' },
  { kind: 'truncate', share: 0.5 },
  answering(200, `<html>${mark}-html</html>`, { 'content-type': 'text/html' }),
  answering(200, `[{"uuid": "${mark}-uuid", "name": 7, "user_password": "${mark}-password"}]`),
  answering(200, `"${mark}-text"`),
  answering(302, '', { location: `http://${mark}-host/` }),
  ...[401, 404, 405, 418, 429, 500, 502, 503].map((status) =>
    answering(status, `{"stack": "${mark}-stack", "password": "${mark}-password"}`),
  ),
  {
    kind: 'change',
    change: (answer) => ({
      ...answer,
      // What rows also hold when nobody names fields.
      body: (answer.body ?? '').replaceAll(
        /\{"url"/g,
        `{"user_password": "${mark}-password", "options": {"token": "${mark}-option"}, "url"`,
      ),
    }),
  },
];

const queries = [
  '{ viewer { username } securityGroups(first: 2) { nodes { name project { description } rules { cidr } } } }',
  '{ tenants(first: 2) { nodes { name serviceSettings { name } } } }',
  '{ datacenters { name } virtualMachines(first: 2) { nodes { hostname tasks { taskId } } } }',
  '{ task(taskId: "1e1d1-00000000-0000-0000-0000") { status known } }',
  `mutation { updateAllocation(input: { uuid: "${'1'.repeat(32)}", name: "x" }) { __typename ... on Failure { message } ... on InvalidInput { issues { path message } } } }`,
  'mutation { startVirtualMachine(input: { hostname: "a.lan" }) { __typename ... on Failure { message } } }',
  'mutation { createVirtualMachine(input: { hostname: "made.lan", vcpus: 1, ramMiB: 64, mdata: { password: "x" } }) { __typename ... on Failure { message } } }',
  '{ nonsense }',
  '{',
];

const credentials = {
  authorization: `Token ${mark}-waldur`,
  'x-danube-api-key': `${mark}-danube`,
  cookie: `session=${mark}-cookie`,
};

/** Everything that the process writes, by whatever way. */
async function writtenDuring(act: () => Promise<void>): Promise<string> {
  const pieces: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = ((piece: string | Uint8Array) => {
      pieces.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString());
      return true;
    }) as typeof stream.write;
  }
  try {
    await act();
  } finally {
    for (const [at, stream] of streams.entries()) {
      stream.write = writes[at] as typeof stream.write;
    }
  }
  return pieces.join('');
}

describe('A secret', () => {
  it.each([
    ["the client's own", {}],
    [
      'that of the configuration',
      { WALDUR_TOKEN: `${mark}-service`, DANUBE_API_KEY: `${mark}-service-key` },
    ],
  ])('%s never comes out', { timeout: 60_000 }, async (_name, env) => {
    const answers: string[] = [];
    let logged: readonly string[] = [];
    const written = await writtenDuring(async () => {
      const gateway = await aGateway({
        env: {
          ...env,
          UPSTREAM_RETRIES: '0',
          WATCH_LEAST_MS: '5',
          WATCH_MOST_MS: '5',
          WATCH_PATIENCE_MS: '1',
        },
      });
      logged = gateway.logged;
      const headers = Object.keys(env).length === 0 ? credentials : { cookie: credentials.cookie };
      const ask = async (query: string, more: Record<string, string> = {}) => {
        const response = await gateway.request({
          method: 'POST',
          headers: { ...json, ...headers, ...more },
          body: JSON.stringify({ query, variables: {} }),
        });
        answers.push(await response.text(), JSON.stringify([...response.headers]));
      };
      for (const fault of faults) {
        const stops = [gateway.sandbox.waldur, gateway.sandbox.danube].map(({ server }) =>
          server.inject({ fault }),
        );
        for (const query of queries) {
          await ask(query, { 'x-explain': '1' });
        }
        await ask(
          `subscription { resourceChanged(uuid: "${'1'.repeat(32)}", type: SECURITY_GROUP) { state } }`,
          { accept: 'text/event-stream' },
        );
        for (const stop of stops) {
          stop();
        }
      }
      // As the credentials are, each cloud refuses them by itself.
      for (const query of queries) {
        await ask(query, { 'x-impersonated-user-uuid': `${mark}-user` });
      }
    });
    const all = [...answers, ...logged, written].join('\n');
    expect(all.length).toBeGreaterThan(10_000);
    expect(all).toContain('UPSTREAM_FAILED');
    const at = all.indexOf(mark);
    expect(at < 0 ? '' : all.slice(Math.max(0, at - 300), at + 100)).toBe('');
  });
});
