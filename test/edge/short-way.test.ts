/** The short way in and Yoga's own: whatever is asked, the answers are the same. */

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { aGateway, type TestGateway } from '../a-gateway.ts';
import { randomQuery } from '../random-queries.ts';

const taken = vi.hoisted(() => ({ short: 0, long: 0 }));

vi.mock(import('../../src/edge/short-way.ts'), async (load) => {
  const real = await load();
  return {
    ...real,
    shortWay: (...given) => {
      const way = real.shortWay(...given);
      return (...request) => {
        const answering = way(...request);
        taken[answering === undefined ? 'long' : 'short'] += 1;
        return answering;
      };
    },
  };
});

interface Asked {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function answerTo(gateway: TestGateway, { body, headers }: Asked, isLong: boolean) {
  const { waldurToken, danubeApiKey } = gateway.sandbox.callers.staff;
  const response = await gateway.request({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Token ${waldurToken}`,
      'x-danube-api-key': danubeApiKey,
      'x-request-id': 'the-same',
      ...headers,
      // No answer depends on it while no site is named, and it is none of the common headers.
      ...(isLong ? { origin: 'https://app.example.com' } : {}),
    },
    body,
  });
  const text = await response.text();
  const told = Object.fromEntries(response.headers);
  for (const name of ['date', 'keep-alive', 'connection', 'content-length', 'transfer-encoding']) {
    delete told[name];
  }
  return {
    status: response.status,
    headers: told,
    text: comparable(text),
  };
}

/** Errors come in the order in which calls end. */
function comparable(text: string): unknown {
  if (!text.startsWith('{')) {
    return text;
  }
  const answer = JSON.parse(text) as { errors?: unknown[] };
  const errors = answer.errors?.map((error) => JSON.stringify(error)).sort();
  return { ...answer, errors, keys: Object.keys(answer) };
}

const odd = fc.constantFrom(
  {},
  {},
  {},
  { accept: '*/*' },
  { accept: 'application/json' },
  { accept: 'application/graphql-response+json' },
  { accept: 'application/graphql-response+json, application/json' },
  { accept: 'application/json, text/plain, */*' },
  { accept: 'application/graphql-response+json,application/json;q=0.9' },
  { accept: 'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8' },
  {
    accept:
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
  },
  { accept: 'text/html, application/*;q=0.9' },
  { accept: 'application/json;charset=latin1, */*' },
  { accept: 'TEXT/plain,Application/JSON' },
  { accept: 'text/event-stream, application/json' },
  { accept: 'text/html' },
  { accept: 'text/event-stream' },
  { accept: 'image/png' },
  { 'content-type': 'application/json; charset=utf-8' },
  { 'content-type': 'application/json;charset=latin1' },
  { 'content-type': 'application/graphql+json' },
  { authorization: 'Token wrong' },
  { 'x-danube-api-key': 'wrong' },
  { 'x-impersonated-user-uuid': 'nonsense' },
);

function anyRequest(gateway: TestGateway): fc.Arbitrary<Asked> {
  const query = fc.nat().map((seed) => randomQuery(seed, gateway.sandbox));
  const simple = fc.constantFrom(
    '{ __typename }',
    '{ viewer { username } }',
    'query A { __typename } query B { viewer { username } }',
    'query Q($n: Int!) { projects(first: $n) { nodes { name } } }',
    'query Q($u: UUID!) { project(uuid: $u) { name } }',
    '{ virtualMachines(first: 2) { nodes { hostname } } }',
    '{ projects(first: 999) { nodes { name } } }',
    '{ nonsense }',
    '{ viewer { username }',
    '{ __schema { queryType { name } } }',
    'mutation { pullAllocation(uuid: "00000000000000000000000000000000") { __typename } }',
    'subscription { taskChanged(taskId: "x") { status } }',
    '',
  );
  const params = fc.oneof(
    fc.record({ query }),
    fc.record({ query: simple }),
    fc.record(
      {
        query: fc.oneof(simple, query),
        variables: fc.oneof(
          fc.constantFrom(null, {}, { n: 2 }, { n: 'two' }, { u: 'x' }, [], 7, { n: 2 ** 40 }),
        ),
        operationName: fc.constantFrom(null, 'A', 'B', 'Q', 'None', '', 7),
        extensions: fc.constantFrom(null, {}, 7),
        more: fc.constantFrom(null, 1),
      },
      { requiredKeys: ['query'] },
    ),
  );
  const body = fc.oneof(
    { weight: 20, arbitrary: params.map((given) => JSON.stringify(given)) },
    { weight: 1, arbitrary: fc.constantFrom('', '[]', 'null', '{', '"x"', '{"query":7}', '{}') },
  );
  return fc.record({ body, headers: odd });
}

describe('The short way in', () => {
  it('answers as the long one', { timeout: 300_000 }, async () => {
    const gateway = await aGateway({ sizes: { securityGroups: 20, machines: 10 } });
    await fc.assert(
      fc.asyncProperty(anyRequest(gateway), async (asked) => {
        const short = await answerTo(gateway, asked, false);
        const long = await answerTo(gateway, asked, true);
        expect(short).toEqual(long);
      }),
      { numRuns: 5_000 },
    );
    // Neither of the two has been left out.
    expect(taken.short).toBeGreaterThan(1_000);
    expect(taken.long).toBeGreaterThan(5_000);
  });

  it.each([
    ['{ viewer { username } }', {}],
    ['query Q($n: Int!) { projects(first: $n) { totalCount } }', { n: 'two' }],
    ['query Q($n: Int!) { projects(first: $n) { totalCount } }', { n: 999 }],
  ])('executes and logs %s with %j once', async (query, variables) => {
    const gateway = await aGateway();
    await gateway.run(query, { variables });
    const lines = gateway.logged.filter((line) => line.includes('"msg":"operation"'));
    expect(lines).toHaveLength(1);
  });

  it('is left by a client as the long one is', async () => {
    const gateway = await aGateway();
    const { server } = gateway.sandbox.waldur;
    server.inject({ fault: { kind: 'hang' } });
    const leaving = new AbortController();
    const before = taken.short;
    const left = gateway
      .run('{ projects { totalCount } }', { signal: leaving.signal })
      .catch(() => 'left');
    await expect.poll(() => server.calls.length).toBe(1);
    leaving.abort();
    expect(await left).toBe('left');
    await expect.poll(() => server.calls[0]?.aborted).toBe(true);
    await expect.poll(() => gateway.vitals().underWay).toBe(0);
    expect(taken.short).toBe(before + 1);
  });
});
