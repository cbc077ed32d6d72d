/** Every fault of a cloud, wherever it strikes: the documented outcome, and the other cloud's fields. */

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Answer, Fault, ReceivedCall } from '../../src/sandbox/server.ts';
import { aGateway, type TestGateway } from '../a-gateway.ts';

const json = { 'content-type': 'application/json' };
const answering = (
  status: number,
  body = '{"detail":"No."}',
  headers: Record<string, string> = json,
): Fault => ({ kind: 'answer', answer: { status, headers, body } });
const changed = (change: (answer: Answer) => Partial<Answer>): Fault => ({
  kind: 'change',
  change: (answer) => ({ ...answer, ...change(answer) }),
});

async function* slowly(text: string): AsyncGenerator<string> {
  yield text.slice(0, 1);
  // Longer than anybody waits here.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  yield text.slice(1);
}

/** What a reading and a change come to. */
interface Outcome {
  readonly read: string;
  readonly write: string;
}

/** Servers in between say so, and know nothing of what came of it. */
const between: Outcome = { read: 'UPSTREAM_FAILED', write: 'OutcomeUnknown' };
const unavailable: Outcome = { read: 'UPSTREAM_UNAVAILABLE', write: 'OutcomeUnknown' };
/** It was accepted, and nobody can read what came of it. */
const unreadable: Outcome = { read: 'UPSTREAM_FAILED', write: 'OutcomeUnknown' };
const failed: Outcome = { read: 'UPSTREAM_FAILED', write: 'UPSTREAM_FAILED' };
const timedOut: Outcome = { read: 'UPSTREAM_TIMEOUT', write: 'OutcomeUnknown' };
/** A change that was accepted is one, whatever else was said; what it has become is read again. */
const onlyReading: Outcome = { read: 'UPSTREAM_FAILED', write: 'fine' };
const harmless: Outcome = { read: 'fine', write: 'fine' };

const faults: readonly (readonly [name: string, fault: Fault, outcome: Outcome])[] = [
  ['a reset before the answer', { kind: 'reset' }, unavailable],
  ['a reset during the answer', { kind: 'truncate', share: 0.5 }, unavailable],
  ['a black hole', { kind: 'hang' }, timedOut],
  ['slow headers', { kind: 'delay', delayMs: 1_500 }, timedOut],
  ['a slow body', changed(({ body = '' }) => ({ pieces: slowly(body) })), timedOut],
  ['400', answering(400), { read: 'BAD_USER_INPUT', write: 'InvalidInput' }],
  ['401', answering(401), { read: 'UNAUTHENTICATED', write: 'UNAUTHENTICATED' }],
  ['403', answering(403), { read: 'FORBIDDEN', write: 'Forbidden' }],
  ['404', answering(404), { read: 'NOT_FOUND', write: 'NotFound' }],
  ['409', answering(409), { read: 'CONFLICT', write: 'Conflict' }],
  ['405', answering(405), failed],
  ['410', answering(410), failed],
  ['418', answering(418), failed],
  ['500', answering(500), failed],
  [
    '500 with HTML',
    answering(500, '<h1>Server Error</h1>', { 'content-type': 'text/html' }),
    failed,
  ],
  ['501', answering(501), failed],
  ['502', answering(502), between],
  ['503', answering(503), between],
  ['504', answering(504), between],
  [
    '429 with Retry-After',
    answering(429, '{"detail":"Slow."}', { ...json, 'retry-after': '60' }),
    { read: 'RATE_LIMITED', write: 'RATE_LIMITED' },
  ],
  ['429 without Retry-After', answering(429), { read: 'RATE_LIMITED', write: 'RATE_LIMITED' }],
  ['200 with HTML', answering(200, '<html></html>', { 'content-type': 'text/html' }), unreadable],
  ['an empty body', answering(200, ''), onlyReading],
  ['JSON cut short', changed(({ body = '' }) => ({ body: body.slice(0, -2) })), unreadable],
  ['another type of JSON', answering(200, '"text"'), onlyReading],
  ['null', answering(200, 'null'), onlyReading],
  ['bytes that are no text', changed(() => ({ body: '\ufffd\u0000{' })), unreadable],
  [
    'a compressed body that nobody has asked for',
    changed(({ body = '' }) => ({
      headers: { ...json, 'content-encoding': 'gzip' },
      body: gzipSync(body).toString('latin1'),
    })),
    unreadable,
  ],
  [
    'JSON of great depth',
    answering(200, `${'['.repeat(200_000)}${']'.repeat(200_000)}`),
    onlyReading,
  ],
  ['a redirect', answering(302, '', { location: 'http://169.254.169.254/' }), failed],
  [
    'a Link to another host',
    changed(({ headers }) => ({
      headers: { ...headers, link: '<http://evil.example.com/api/?page=2>; rel="next"' },
    })),
    harmless,
  ],
];

/** With something of Danube's beside, which is always answered. */
const beside = 'virtualMachines(first: 1) { nodes { hostname } }';

interface Shape {
  readonly query: (uuids: { group: string; project: string }) => string;
  readonly struck: (call: ReceivedCall) => boolean;
  readonly path: readonly (string | number)[];
}

const shapes: Readonly<Record<string, Shape>> = {
  'a list': {
    query: () => `{ securityGroups(first: 2) { nodes { name } } ${beside} }`,
    struck: ({ path }) => path.startsWith('/api/openstack-security-groups'),
    path: ['securityGroups'],
  },
  'a link': {
    query: ({ group }) =>
      `{ securityGroup(uuid: "${group}") { name project { description } } ${beside} }`,
    struck: ({ path }) => path.startsWith('/api/projects'),
    path: ['securityGroup', 'project', 'description'],
  },
  'a connection inside of another': {
    query: ({ project }) =>
      `{ project(uuid: "${project}") { name securityGroups(first: 1) { nodes { name } } } ${beside} }`,
    struck: ({ path }) => path.startsWith('/api/openstack-security-groups'),
    path: ['project', 'securityGroups'],
  },
  'a reference': {
    query: ({ project }) =>
      `{ _entities(representations: [{ __typename: "Project", uuid: "${project}" }]) { ... on Project { name description } } ${beside} }`,
    struck: ({ path }) => path.startsWith('/api/projects'),
    path: ['_entities', 0],
  },
};

const quickly = { WATCH_LEAST_MS: '5', WATCH_MOST_MS: '5', WATCH_PATIENCE_MS: '1' };

/** @param timeoutMs - less than the slow faults take, more than a busy machine does */
async function aScene(timeoutMs = 700) {
  const gateway = await aGateway({
    // Faults that last: trying again helps nobody, and takes the tests their time.
    env: { UPSTREAM_TIMEOUT_MS: String(timeoutMs), UPSTREAM_RETRIES: '0', ...quickly },
    sizes: { securityGroups: 30 },
  });
  const group = gateway.sandbox.waldur.world.securityGroups.find(({ name }) => name !== 'default');
  Object.assign(group ?? {}, { state: 'OK' });
  return {
    gateway,
    group: group?.uuid ?? '',
    project: group?.project.uuid ?? '',
    strike: (fault: Fault, when: Shape['struck']) =>
      gateway.sandbox.waldur.server.inject({ fault, when }),
  };
}

/** Nothing is left of what went wrong. */
async function isClean(gateway: TestGateway): Promise<void> {
  await expect.poll(() => gateway.vitals()).toMatchObject({ underWay: 0, rounds: 0 });
}

/** Where a reading comes to something else than elsewhere. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Past its last page a list is at its end; without a first page it is no list.
  '404': { 'a list': 'UPSTREAM_FAILED', 'a connection inside of another': 'UPSTREAM_FAILED' },
};

describe('A fault of Waldur', () => {
  it.each(faults)('%s', async (name, fault, outcome) => {
    const { gateway, strike, ...uuids } = await aScene();
    for (const [shapeName, { query, struck, path }] of Object.entries(shapes)) {
      const stop = strike(fault, struck);
      const { data, errors } = await gateway.run(query(uuids));
      stop();
      const code = exceptions[name]?.[shapeName] ?? outcome.read;
      const found = errors?.map((error) => [error.path, error.extensions]);
      expect([shapeName, found]).toEqual([
        shapeName,
        code === 'fine'
          ? undefined
          : [[path, expect.objectContaining({ code, upstream: 'waldur' })]],
      ]);
      expect(data.virtualMachines.nodes).toHaveLength(1);
      // What the cloud has said is nobody's business.
      expect(JSON.stringify(errors ?? [])).not.toMatch(/<h|detail|evil|169\.254/);
    }

    const stopReading = strike(fault, ({ path }) => path.startsWith('/api/openstack-security'));
    const { waldurToken } = gateway.sandbox.callers.staff;
    const response = await gateway.request({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Token ${waldurToken}`,
      },
      body: JSON.stringify({
        query: `subscription { resourceChanged(uuid: "${uuids.group}", type: SECURITY_GROUP) { state } }`,
      }),
    });
    const text = await response.text();
    stopReading();
    const told = { fine: '"state":"OK"', NOT_FOUND: '"resourceChanged":null' }[outcome.read];
    expect(text).toContain(told ?? `"code":"${outcome.read}"`);
    expect(text).toContain('event: complete');

    strike(fault, ({ method }) => method === 'PATCH');
    const { data, errors } = await gateway.run(
      `mutation { updateSecurityGroup(input: { uuid: "${uuids.group}", name: "renamed" }) { __typename } }`,
    );
    const came = data.updateSecurityGroup?.__typename ?? errors?.[0]?.extensions.code;
    expect(came).toBe(outcome.write === 'fine' ? 'UpdateSecurityGroupSuccess' : outcome.write);
    const writes = gateway.sandbox.waldur.server.calls.filter(({ method }) => method === 'PATCH');
    expect(writes).toHaveLength(1);
    await isClean(gateway);
  });

  it('an address where nobody listens', async () => {
    const gateway = await aGateway({
      config: { waldur: { url: new URL('http://127.0.0.1:1'), token: undefined } },
    });
    const { data, errors } = await gateway.run(
      `mutation { updateSecurityGroup(input: { uuid: "${'1'.repeat(32)}", name: "x" }) { __typename } }`,
    );
    expect(data.updateSecurityGroup).toBe(null);
    // It has not left: nothing was changed for sure.
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    const read = await gateway.run(`{ projects { totalCount } ${beside} }`);
    expect(read.errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(read.data.virtualMachines.nodes).toHaveLength(1);
  });

  it('that comes and goes is nobody\u2019s: readings are tried again', async () => {
    const gateway = await aGateway();
    let calls = 0;
    gateway.sandbox.waldur.server.inject({
      fault: answering(503),
      when: () => ++calls % 2 === 1,
    });
    const { errors } = await gateway.run(
      `{ securityGroups(first: 2) { nodes { name project { description } } } ${beside} }`,
    );
    expect(errors).toBeUndefined();
    expect(calls).toBe(4);
  });

  it('an answer that is larger than any may be', { timeout: 60_000 }, async () => {
    const { gateway, strike } = await aScene(20_000);
    strike(
      changed(() => ({ body: `[${'" "'.padEnd(33 * 1024 * 1024)}]` })),
      () => true,
    );
    const { data, errors } = await gateway.run(
      `{ securityGroups(first: 2) { nodes { name } } ${beside} }`,
    );
    expect(errors?.[0]?.extensions.code).toMatch(/^UPSTREAM_(FAILED|TIMEOUT)$/);
    expect(data.virtualMachines.nodes).toHaveLength(1);
  });

  it('headers of a megabyte', async () => {
    const { gateway, strike } = await aScene();
    strike(
      changed(({ headers }) => ({ headers: { ...headers, 'x-large': 'x'.repeat(1_000_000) } })),
      () => true,
    );
    const { data, errors } = await gateway.run(
      `{ securityGroups(first: 2) { nodes { name } } ${beside} }`,
    );
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_FAILED');
    expect(data.virtualMachines.nodes).toHaveLength(1);
  });
});

describe('A wrong value in a row', () => {
  /** What of a security group is shown, and what the cloud calls it. */
  const fields: Readonly<Record<string, string>> = {
    uuid: 'uuid',
    name: 'name',
    state: 'state',
    created: 'created',
    description: 'description',
    rules: 'rules',
    project: 'project_uuid',
  };
  const wrong = [7, true, null, {}, [], [[]], 'x'.repeat(100_000), '\u0000', -1e308];

  it.each(Object.keys(fields))(
    'fails %s, or is shown as it may be, and the rest is there',
    async (field) => {
      const { gateway } = await aScene();
      const selection = { rules: 'rules { ruleId }', project: 'project { uuid }' }[field] ?? field;
      for (const value of wrong) {
        const stop = gateway.sandbox.waldur.server.inject({
          fault: changed(({ body = '' }) => {
            const rows = JSON.parse(body) as Record<string, unknown>[];
            const [first, ...others] = rows;
            return {
              body: JSON.stringify([{ ...first, [fields[field] ?? '']: value }, ...others]),
            };
          }),
          when: ({ method, path }) =>
            method === 'GET' && path.startsWith('/api/openstack-security'),
        });
        const { data, errors } = await gateway.run(
          `{ securityGroups(first: 2) { totalCount nodes { accessUrl ${selection} } } ${beside} }`,
        );
        stop();
        expect(data.virtualMachines.nodes).toHaveLength(1);
        for (const { path, extensions } of errors ?? []) {
          expect([value, extensions.code]).toEqual([value, 'UPSTREAM_FAILED']);
          expect(path?.slice(0, 1)).toEqual(['securityGroups']);
        }
        if (errors === undefined) {
          // Never as something that it is not.
          expect(data.securityGroups.nodes).toHaveLength(2);
        }
      }
    },
  );
});
