/** Nonsense from clients and from clouds: always an answer in GraphQL's form, never a fault of ours. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aGateway, type TestGateway } from '../a-gateway.ts';
import { randomQuery } from '../random-queries.ts';

/** So many of each; the tests' time is bounded by them. */
const runs = 10_000;

const hostileText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '../',
    '%00',
    '\u0000',
    '\ud800',
    '__proto__',
    'constructor',
    '{"$gt": ""}',
    '"',
    '\\',
    '\u202e',
    'a'.repeat(2_000),
  ),
);

const hostileJson = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  hostileText,
  fc.constantFrom(null, {}, [], -1, 2 ** 53, 1e308, true),
  fc.constant({ __proto__: { polluted: true } }),
);

/** A document with some of its letters changed. */
const damaged = (text: string) =>
  fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(4), hostileText), { maxLength: 3 })
    .map((changes) =>
      changes.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), text),
    );

const operations = [
  'query Q($x: UUID!) { project(uuid: $x) { name } }',
  'query Q($x: ID!) { node(id: $x) { id } }',
  'query Q($x: [ID!]!) { nodes(ids: $x) { id } }',
  'query Q($x: String!) { search(text: $x, first: 1) { type hits { totalCount } } }',
  'query Q($x: Int!) { problems(minutes: $x, first: $x) { totalCount nodes { kind } } }',
  'query Q($x: [_Any!]!) { _entities(representations: $x) { __typename } }',
  'query Q($x: Int) { securityGroups(first: $x) { nodes { name } } }',
  'query Q($x: String) { securityGroups(first: 2, after: $x) { nodes { name } } }',
  'query Q($x: SecurityGroupFilter) { securityGroups(first: 2, filter: $x) { totalCount } }',
  'query Q($x: VirtualMachineFilter) { virtualMachines(first: 2, filter: $x) { totalCount } }',
  'query Q($x: String!) { virtualMachine(hostname: $x) { status } }',
  'query Q($x: String!) { task(taskId: $x) { status known } }',
  'mutation Q($x: SetSecurityGroupRulesInput!) { setSecurityGroupRules(input: $x) { __typename } }',
  'mutation Q($x: AddSecurityGroupRulesInput!) { addSecurityGroupRules(input: $x, dryRun: true) { __typename } }',
  'mutation Q($x: DateTime) { updateAllocation(input: { uuid: "00000000000000000000000000000000" }, ifModified: $x) { __typename } }',
  'query Q($x: [SecurityGroupRuleInput!]!) { securityGroupRulesDiff(uuid: "00000000000000000000000000000000", rules: $x) { warnings { kind } } }',
  'mutation Q($x: CreateVirtualMachineInput!) { createVirtualMachine(input: $x) { __typename } }',
  'mutation Q($x: UpdateAllocationInput!) { updateAllocation(input: $x) { __typename } }',
  'mutation Q($x: String!) { cancelTask(input: { taskId: $x }) { __typename } }',
];

interface Request_ {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headers = fc.dictionary(
  fc.oneof(
    fc.constantFrom('x-explain', 'accept', 'x-impersonated-user-uuid', 'x-forwarded-for', 'origin'),
    fc.string({ maxLength: 12 }).filter((name) => token.test(name)),
  ),
  // Whatever else cannot be sent at all.
  fc.string({ maxLength: 40 }).map((value) => value.replaceAll(/[^\x20-\x7e]/g, '').trim()),
  { maxKeys: 3 },
);

const forbidden =
  /^(host|connection|content-length|transfer-encoding|upgrade|expect|te|trailer|keep-alive|content-type)$/i;

function anyRequest(gateway: TestGateway): fc.Arbitrary<Request_> {
  const query = fc.nat().map((seed) => randomQuery(seed, gateway.sandbox));
  const params = fc.oneof(
    fc.record({ query }),
    query.chain((text) => fc.record({ query: damaged(text) })),
    fc
      .constantFrom(...operations)
      .chain((text) =>
        fc.record({ query: fc.constant(text), variables: fc.record({ x: hostileJson }) }),
      ),
    fc.record({
      query: fc.oneof(hostileText, query),
      variables: hostileJson,
      operationName: hostileJson,
      extensions: hostileJson,
    }),
    hostileJson,
  );
  const body = fc.oneof(
    { weight: 9, arbitrary: params.map((given) => JSON.stringify(given) ?? '') },
    { weight: 1, arbitrary: hostileText },
  );
  return fc.record({ body, headers });
}

async function ask(gateway: TestGateway, { body, headers: given }: Request_) {
  const { waldurToken, danubeApiKey } = gateway.sandbox.callers.staff;
  const own = Object.entries(given).filter(([name]) => !forbidden.test(name));
  const response = await gateway.request({
    method: 'POST',
    headers: {
      authorization: `Token ${waldurToken}`,
      'x-danube-api-key': danubeApiKey,
      ...Object.fromEntries(own),
      'content-type': 'application/json',
    },
    body,
  });
  return { status: response.status, text: await response.text() };
}

/** JSON with data or errors; nothing that only we could be at fault for. */
function expectAnswer({ status, text }: { status: number; text: string }): void {
  expect(text).not.toContain('INTERNAL_SERVER_ERROR');
  expect(status).toBeLessThan(500);
  if (text.startsWith(':') || text.startsWith('event:')) {
    // Whoever asks for a stream gets one.
    return;
  }
  if (status === 406 || status === 415) {
    return;
  }
  const answer = JSON.parse(text) as Record<string, unknown>;
  expect('data' in answer || Array.isArray(answer.errors)).toBe(true);
}

describe('Clients', () => {
  it('may send anything', { timeout: 300_000 }, async () => {
    const gateway = await aGateway({ sizes: { securityGroups: 20, machines: 10 } });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRequest(gateway), { minLength: 10, maxLength: 10 }),
        async (requests) => {
          for (const answer of await Promise.all(requests.map((one) => ask(gateway, one)))) {
            expectAnswer(answer);
          }
        },
      ),
      { numRuns: runs / 10 },
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    await expect.poll(() => gateway.vitals()).toMatchObject({ underWay: 0, rounds: 0 });
  });
});

/** JSON with something else somewhere in it. */
function withChange(body: string, place: number, value: unknown): string {
  const root = { value: JSON.parse(body) as unknown };
  const places: (readonly [object, string])[] = [];
  const seek = (node: unknown) => {
    if (typeof node === 'object' && node !== null) {
      for (const key of Object.keys(node)) {
        places.push([node, key]);
        seek((node as Record<string, unknown>)[key]);
      }
    }
  };
  seek(root);
  const [node, key] = places[place % places.length] as readonly [object, string];
  if (value === undefined) {
    delete (node as Record<string, unknown>)[key];
  } else {
    Object.assign(node, { [key]: value });
  }
  return JSON.stringify(root.value) ?? '';
}

describe('Clouds', () => {
  const questions = [
    '{ viewer { username fullName email isStaff } customers(first: 2) { nodes { name email created projects(first: 1) { nodes { name } } } } }',
    '{ securityGroups(first: 3) { totalCount nodes { name state created rules { ruleId ethertype direction protocol fromPort toPort cidr remoteGroup { name tenant { name } } } project { name description customer { name } } marketplace { planUuid } } } }',
    '{ serverGroups(first: 2) { nodes { name policy instances { name } project { name } } } tenants(first: 2) { nodes { name quotas { name limit usage } } } }',
    '{ allocations(first: 2) { nodes { name nodeLimit nodeUsage state project { customer { email } } } } }',
    '{ datacenters { name alias created } virtualMachines(first: 3) { totalCount nodes { hostname uuid status vcpus ramMiB ips tags changed project { name } tasks { taskId status } } } }',
    '{ _entities(representations: [{ __typename: "Datacenter", name: "main" }]) { ... on Datacenter { alias } } }',
  ];

  it('may answer anything', { timeout: 300_000 }, async () => {
    const gateway = await aGateway({
      sizes: { securityGroups: 20, machines: 10 },
      env: { UPSTREAM_RETRIES: '0' },
    });
    const change = fc.record({
      query: fc.constantFrom(...questions),
      place: fc.nat(),
      value: fc.oneof(hostileJson, fc.constant(undefined)),
    });
    let current: { readonly place: number; readonly value: unknown } | undefined;
    for (const { server } of [gateway.sandbox.waldur, gateway.sandbox.danube]) {
      server.inject({
        fault: {
          kind: 'change',
          change: (answer) =>
            current === undefined || answer.body === undefined || answer.body === ''
              ? answer
              : { ...answer, body: withChange(answer.body, current.place, current.value) },
        },
      });
    }
    await fc.assert(
      fc.asyncProperty(change, async (given) => {
        current = given;
        expectAnswer(
          await ask(gateway, { body: JSON.stringify({ query: given.query }), headers: {} }),
        );
      }),
      { numRuns: runs },
    );
    await expect.poll(() => gateway.vitals()).toMatchObject({ underWay: 0, rounds: 0 });
  });
});
