/** What scanners look for: graphql-cop's checks by their names, and OWASP's GraphQL cheat sheet. */

import { describe, expect, it } from 'vitest';
import { aGateway, type TestGateway } from '../a-gateway.ts';

/** As it runs in production: nothing is switched on beside. */
const production = { env: { NODE_ENV: 'production', EXPLAIN: 'false' } };

interface Seen {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is its own business
  readonly body: any;
}

async function seen(response: Response): Promise<Seen> {
  const text = await response.text();
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // No JSON is an answer as well.
  }
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    text,
    body,
  };
}

async function post(gateway: TestGateway, body: unknown): Promise<Seen> {
  return seen(
    await gateway.request({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}

const query = (gateway: TestGateway, text: string) => post(gateway, { query: text });

/** Each says whether it has found something. */
const checks: Readonly<Record<string, (gateway: TestGateway) => Promise<boolean>>> = {
  'field suggestions': async (gateway) => {
    const { text } = await query(gateway, 'query cop { __schema { directive } viewr { usrname } }');
    return /did you mean/i.test(text);
  },
  'suggestions for variables': async (gateway) => {
    const { text } = await post(gateway, {
      query: 'query cop($o: [ProjectOrder!]) { projects(orderBy: $o) { nodes { name } } }',
      variables: { o: [{ field: 'NAM' }] },
    });
    return /did you mean/i.test(text);
  },
  'the schema of the subgraph': async (gateway) => {
    const { text } = await query(gateway, 'query cop { _service { sdl } }');
    return text.includes('type ');
  },
  introspection: async (gateway) => {
    const { body } = await query(
      gateway,
      'query cop { __schema { types { name fields { name } } } }',
    );
    return body?.data?.__schema != null;
  },
  'GraphiQL or Playground': async (gateway) => {
    const headers = { accept: 'text/html' };
    const found = await seen(await gateway.request({ method: 'GET', headers }));
    return /graphiql|playground/i.test(found.text);
  },
  'GET queries': async (gateway) => {
    const asked = `?query=${encodeURIComponent('query cop { __typename }')}`;
    return (await seen(await gateway.request({ method: 'GET' }, asked))).body?.data != null;
  },
  'alias overloading': async (gateway) => {
    const aliases = Array.from({ length: 101 }, (_, at) => `alias${at}: __typename`).join(' ');
    return (await query(gateway, `query cop { ${aliases} }`)).body?.data != null;
  },
  'array batching': async (gateway) => {
    const batch = Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' }));
    const { body } = await post(gateway, batch);
    return Array.isArray(body) && body.length >= 10;
  },
  tracing: async (gateway) => {
    const { body } = await query(gateway, 'query cop { __typename }');
    return body?.extensions?.tracing != null || body?.extensions != null;
  },
  'directive overloading': async (gateway) => {
    const { body } = await query(gateway, `query cop { __typename ${'@aa'.repeat(10)} }`);
    return body?.errors?.length === 10;
  },
  'circular introspection': async (gateway) => {
    const { body } = await query(
      gateway,
      'query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
    );
    return body?.data?.__schema != null;
  },
  'mutation over GET': async (gateway) => {
    const asked = `?query=${encodeURIComponent('mutation cop { __typename }')}`;
    const plain = await seen(await gateway.request({ method: 'GET' }, asked));
    const headers = { 'apollo-require-preflight': 'true' };
    const flagged = await seen(await gateway.request({ method: 'GET', headers }, asked));
    return plain.body?.data != null || flagged.body?.data != null;
  },
  'url-encoded POST': async (gateway) => {
    const response = await gateway.request({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ query: 'query cop { __typename }' }).toString(),
    });
    return (await seen(response)).body?.data != null;
  },
  'unhandled errors': async (gateway) => {
    const { text } = await query(gateway, 'qwerty cop { abc }');
    return /exception|stack|node_modules| at .*:\d+:\d+/i.test(text);
  },
};

describe('graphql-cop', () => {
  it.each(Object.entries(checks))('finds no %s in production', async (_name, find) => {
    expect(await find(await aGateway(production))).toBe(false);
  });

  it('has fourteen checks, which are able to find something', async () => {
    expect(Object.keys(checks)).toHaveLength(14);
    const open = await aGateway();
    expect(await checks.introspection?.(open)).toBe(true);
    expect(await checks['field suggestions']?.(open)).toBe(true);
    expect(await checks['suggestions for variables']?.(open)).toBe(true);
    expect(await checks['the schema of the subgraph']?.(open)).toBe(true);
    expect(await checks['GraphiQL or Playground']?.(open)).toBe(true);
  });
});

describe("OWASP's cheat sheet", () => {
  it('amounts: a page is never larger than is allowed, by literal or variable', async () => {
    const gateway = await aGateway({ env: { MAX_COST: '999999999' } });
    for (const [text, variables] of [
      ['{ projects(first: 99999999) { nodes { name } } }', {}],
      ['query Q($n: Int) { projects(first: $n) { nodes { name } } }', { n: 99_999_999 }],
      ['{ projects(first: -1) { nodes { name } } }', {}],
    ] as const) {
      const { errors } = await gateway.run(text, { variables });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        argument: ['first'],
      });
    }
    expect(gateway.sandbox.waldur.server.calls).toEqual([]);
  });

  it('time: an operation ends when its time is up, with what there is', async () => {
    const gateway = await aGateway({ env: { OPERATION_TIMEOUT_MS: '1000' } });
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'hang' } });
    const { data, errors } = await gateway.run(
      '{ projects { totalCount } virtualMachines(first: 1) { nodes { hostname } } }',
    );
    expect(data.virtualMachines.nodes).toHaveLength(1);
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['projects'],
        extensions: { code: 'UPSTREAM_TIMEOUT', upstream: 'waldur' },
      }),
    ]);
    await expect.poll(() => gateway.vitals().underWay).toBe(0);
  });

  /** What would lead elsewhere, if it went into an address as it is. */
  const hostile = [
    '../users',
    '..%2fusers',
    '%2e%2e/users',
    'a/../../users',
    'a?x=1',
    'a#b',
    'a\r\nX-Evil: 1',
    'a\u0000b',
    '\u202e',
    '.',
    '..',
    '',
    ' ',
    'a'.repeat(5_000),
    "'; DROP TABLE users; --",
    '{"$ne": null}',
    'http://169.254.169.254/',
  ];

  it.each(hostile)('injection: %j as an identifier leads nowhere', async (text) => {
    const gateway = await aGateway();
    const { waldur, danube } = gateway.sandbox;
    const operations = [
      'query Q($x: UUID!) { project(uuid: $x) { name } }',
      'query Q($x: ID!) { node(id: $x) { id } }',
      'query Q($x: String!) { virtualMachine(hostname: $x) { hostname } }',
      'query Q($x: String!) { virtualMachine(hostname: "a.lan", datacenter: $x) { hostname } }',
      'query Q($x: String!) { task(taskId: $x) { status } }',
      'query Q($x: String!) { datacenter(name: $x) { name } }',
      'query Q($x: String!) { securityGroups(first: 1, after: $x) { nodes { name } } }',
      'query Q($x: String!) { securityGroups(first: 1, filter: { name: $x }) { nodes { name } } }',
      'mutation Q($x: String!) { startVirtualMachine(input: { hostname: $x }) { __typename } }',
      'mutation Q($x: String!) { cancelTask(input: { taskId: $x }) { __typename } }',
      'mutation Q($x: UUID!) { pullSecurityGroup(uuid: $x) { __typename } }',
    ];
    for (const operation of operations) {
      const { errors } = await gateway.run(operation, { variables: { x: text } });
      for (const { extensions } of errors ?? []) {
        expect(extensions.code).toMatch(
          /^(BAD_USER_INPUT|NOT_FOUND|GRAPHQL_VALIDATION_FAILED|UPSTREAM_FAILED)$/,
        );
      }
    }
    for (const { path, target, headers } of [...waldur.server.calls, ...danube.server.calls]) {
      expect(headers).not.toHaveProperty('x-evil');
      expect(target.length).toBeLessThan(4_000);
      expect(path).toMatch(/^\/api\/[a-z-]+\/([^/]+\/)*$/);
      expect(path).not.toMatch(/\/users\/|\/\.\.?\/|%2f|%2e%2e/i);
    }
  });

  it('authorization: nodes by id are no way around it, nor are entities or links', async () => {
    const gateway = await aGateway();
    const { world } = gateway.sandbox.waldur;
    const uuid = world.securityGroups[0]?.uuid;
    const own = await gateway.run(`{ securityGroup(uuid: "${uuid}") { id } }`);
    const { id } = own.data.securityGroup;
    const { data } = await gateway.run(
      `query Q($r: [_Any!]!) { node(id: "${id}") { id } nodes(ids: ["${id}"]) { id } securityGroup(uuid: "${uuid}") { id } _entities(representations: $r) { ... on SecurityGroup { name } } }`,
      {
        as: 'stranger',
        variables: { r: [{ __typename: 'SecurityGroup', uuid }] },
      },
    );
    expect(data).toEqual({ node: null, nodes: [null], securityGroup: null, _entities: [null] });
  });

  it('batching: by alias as by array, secrets cannot be tried by the hundred', async () => {
    const gateway = await aGateway(production);
    const tries = Array.from({ length: 100 }, (_, at) => `t${at}: viewer { username }`).join(' ');
    const { body } = await query(gateway, `{ ${tries} }`);
    expect(body.errors[0].extensions.code).toBe('LIMIT_EXCEEDED');
  });
});
