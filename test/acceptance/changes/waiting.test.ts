/** Waiting for what a mutation has begun, and the truth of what it shows. */

import { describe, expect, it } from 'vitest';
import { openClock } from '../../../src/sandbox/clock.ts';
import type { ReceivedCall } from '../../../src/sandbox/server.ts';
import { aGateway } from '../../a-gateway.ts';
import { aFreePort } from '../../a-port.ts';
import { sceneIn } from './mutations.ts';

const pace = { POLL_FIRST_MS: '2', POLL_LEAST_MS: '1', POLL_MOST_MS: '3' };

/** Sandbox time stands still, but for a second with each look. */
async function aScene(secondsPerLook = 1) {
  const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
  const gateway = await aGateway({ clock, env: pace });
  const scene = sceneIn(gateway.sandbox);
  let hasWritten = false;
  gateway.sandbox.waldur.server.inject({
    fault: { kind: 'delay', delayMs: 0 },
    when: ({ method }) => {
      if (hasWritten && method === 'GET') {
        clock.advance(secondsPerLook * 1_000);
      }
      hasWritten ||= method !== 'GET';
      return false;
    },
  });
  return { gateway, scene, clock };
}

const isLook = ({ method }: ReceivedCall) => method === 'GET';

describe('wait', () => {
  it('looks until a new resource is OK, and shows it so without another call', async () => {
    const { gateway, scene } = await aScene();
    const { answer, waldur } = await gateway.calls(
      `mutation { createServerGroup(input: { name: "x", tenant: "${scene.tenant.uuid}" }, wait: {}) {
        ... on CreateServerGroupSuccess { settled serverGroup { name state backendId tenant { name } } }
      } }`,
    );
    expect(answer.data.createServerGroup).toEqual({
      settled: true,
      serverGroup: {
        name: 'x',
        state: 'OK',
        backendId: expect.stringMatching(/^[0-9a-f]{32}$/),
        tenant: { name: scene.tenant.name },
      },
    });
    // Scheduled for 2 s, running for 3 s, and a second passes with each look.
    expect(waldur.filter(isLook)).toHaveLength(5);
    expect(waldur).toHaveLength(6);
    expect(new Set(waldur.filter(isLook).map(({ target }) => target)).size).toBe(1);
    expect(waldur[1]?.query.getAll('field').sort()).toEqual(
      ['backend_id', 'name', 'state', 'tenant_name', 'tenant_uuid', 'uuid'].sort(),
    );
  });

  it('ends when an operation ends in ERRED, and shows why', async () => {
    const { gateway, scene } = await aScene();
    const { data } = await gateway.run(
      `mutation { createSecurityGroup(input: { name: "please-fail", tenant: "${scene.tenant.uuid}" }, wait: {}) {
        ... on CreateSecurityGroupSuccess { settled securityGroup { state errorMessage } }
      } }`,
    );
    expect(data.createSecurityGroup).toEqual({
      settled: true,
      securityGroup: {
        state: 'ERRED',
        errorMessage: 'The backend refused, as the name asked for.',
      },
    });
  });

  it('ends when what was deleted is gone', async () => {
    const { gateway, scene } = await aScene();
    const { uuid } = scene.serverGroup;
    const { answer, waldur } = await gateway.calls(
      `mutation { deleteServerGroup(uuid: "${uuid}", wait: {}) {
        ... on DeleteServerGroupSuccess { uuid settled serverGroup { state } }
      } }`,
    );
    expect(answer.data.deleteServerGroup).toEqual({ uuid, settled: true, serverGroup: null });
    expect(waldur.at(-1)?.status).toBe(404);
    expect(waldur.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  it('shows what is left when a deletion fails', async () => {
    const { gateway, scene } = await aScene();
    scene.securityGroup.name = 'please-fail';
    const { data } = await gateway.run(
      `mutation { deleteSecurityGroup(uuid: "${scene.securityGroup.uuid}", wait: {}) {
        ... on DeleteSecurityGroupSuccess { settled securityGroup { state errorMessage } }
      } }`,
    );
    expect(data.deleteSecurityGroup).toEqual({
      settled: true,
      securityGroup: { state: 'ERRED', errorMessage: expect.stringContaining('refused') },
    });
  });

  it('says that it has not settled when its time is up, and how it is', async () => {
    const { gateway, scene } = await aScene(0.001);
    const { data } = await gateway.run(
      `mutation { pullAllocation(uuid: "${scene.allocation.uuid}", wait: { timeoutSeconds: 1 }) {
        ... on PullAllocationSuccess { settled detail allocation { state } }
      } }`,
    );
    expect(data.pullAllocation).toEqual({
      settled: false,
      detail: 'Pull operation was successfully scheduled.',
      allocation: { state: 'UPDATE_SCHEDULED' },
    });
  });

  it.each([500, 502, 503, 429])('goes on when a look is answered with %i', async (status) => {
    const { gateway, scene } = await aScene();
    gateway.sandbox.waldur.server.inject({
      when: isLook,
      times: 2,
      fault: { kind: 'answer', answer: { status, body: '' } },
    });
    const { data, errors } = await gateway.run(
      `mutation { pullAllocation(uuid: "${scene.allocation.uuid}", wait: {}) {
        ... on PullAllocationSuccess { settled allocation { state } }
      } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.pullAllocation).toEqual({ settled: true, allocation: { state: 'OK' } });
  });

  it('tells that the change was made even when it may not look any more', async () => {
    const { gateway, scene } = await aScene();
    gateway.sandbox.waldur.server.inject({
      when: isLook,
      fault: { kind: 'answer', answer: { status: 401, body: '{"detail":"Token has expired."}' } },
    });
    const { data, errors } = await gateway.run(
      `mutation { pullAllocation(uuid: "${scene.allocation.uuid}", wait: {}) {
        ... on PullAllocationSuccess { settled detail }
      } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.pullAllocation).toEqual({ settled: false, detail: expect.any(String) });
  });

  it('ends with the client, and the write does not', async () => {
    const { gateway, scene } = await aScene(0);
    const leaving = new AbortController();
    const { server } = gateway.sandbox.waldur;
    let looks = 0;
    const looked = new Promise<void>((resolve) => {
      server.inject({
        fault: { kind: 'delay', delayMs: 0 },
        when: (call) => {
          looks += isLook(call) ? 1 : 0;
          if (looks === 3) {
            resolve();
          }
          return false;
        },
      });
    });
    const answer = gateway.run(
      `mutation { pullAllocation(uuid: "${scene.allocation.uuid}", wait: {}) { __typename } }`,
      { signal: leaving.signal },
    );
    await looked;
    leaving.abort();
    await expect(answer).rejects.toThrow();
    // Another operation of the caller has come and gone: whatever was to follow would have.
    await gateway.run('{ viewer { username } }');
    const before = looks;
    await gateway.run('{ viewer { username } }');
    await gateway.run('{ viewer { username } }');
    expect(looks - before).toBe(2);
    expect(scene.allocation.state).toBe('UPDATE_SCHEDULED');
  });

  it('does not stop the write when the client leaves before its answer', async () => {
    const { gateway, scene } = await aScene();
    const { server } = gateway.sandbox.waldur;
    const leaving = new AbortController();
    const arrived = new Promise<void>((resolve) => {
      server.inject({
        fault: { kind: 'delay', delayMs: 60 },
        when: ({ method }) => {
          if (method === 'POST') {
            resolve();
          }
          return method === 'POST';
        },
      });
    });
    const answer = gateway.run(
      `mutation { pullAllocation(uuid: "${scene.allocation.uuid}") { __typename } }`,
      { signal: leaving.signal },
    );
    await arrived;
    leaving.abort();
    await expect(answer).rejects.toThrow();
    const [write] = server.calls;
    await expect.poll(() => write?.status).toBe(202);
    expect(write?.aborted).toBeUndefined();
    expect(scene.allocation.state).toBe('UPDATE_SCHEDULED');
  });
});

describe('What a mutation shows', () => {
  it('is read again where the answer to the write does not tell', async () => {
    const { gateway, scene } = await aScene(0);
    const { answer, lines } = await gateway.calls(
      `mutation { updateSecurityGroup(input: { uuid: "${scene.securityGroup.uuid}", name: "renamed" }) {
        ... on UpdateSecurityGroupSuccess { securityGroup { name state project { name } } }
      } }`,
    );
    expect(answer.data.updateSecurityGroup.securityGroup).toEqual({
      name: 'renamed',
      state: 'UPDATE_SCHEDULED',
      project: { name: scene.project.name },
    });
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^GET .*field=state.*field=project_name/);
  });

  it('costs no read where the answer tells', async () => {
    const { gateway, scene } = await aScene(0);
    const { answer, lines } = await gateway.calls(
      `mutation { updateSecurityGroup(input: { uuid: "${scene.securityGroup.uuid}", name: "renamed" }) {
        ... on UpdateSecurityGroupSuccess { securityGroup { uuid name description } }
      }
      createServerGroup(input: { name: "y", tenant: "${scene.tenant.uuid}" }) {
        ... on CreateServerGroupSuccess { serverGroup { state policy project { customer { name } } tenant { name } } }
      } }`,
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.updateSecurityGroup.securityGroup.name).toBe('renamed');
    expect(lines).toHaveLength(2);
  });

  it('is never what was read before, in a request that changes the same twice', async () => {
    const { gateway, scene } = await aScene(0);
    const { uuid } = scene.allocation;
    const { data } = await gateway.run(
      `mutation {
        a: updateAllocation(input: { uuid: "${uuid}", name: "one" }) {
          ... on UpdateAllocationSuccess { allocation { name nodeLimit project { name } } }
        }
        b: updateAllocation(input: { uuid: "${uuid}", name: "two" }) {
          ... on UpdateAllocationSuccess { allocation { name nodeLimit } }
        }
        c: setAllocationLimits(input: { uuid: "${uuid}", nodeLimit: 5 }) {
          ... on SetAllocationLimitsSuccess { allocation { name nodeLimit state } }
        }
        d: markAllocationErred(input: { uuid: "${uuid}", errorMessage: "so" }) {
          ... on MarkAllocationErredSuccess { allocation { name nodeLimit state errorMessage } }
        }
      }`,
    );
    expect(data.a.allocation.name).toBe('one');
    expect(data.b.allocation.name).toBe('two');
    expect(data.c.allocation).toEqual({ name: 'two', nodeLimit: 5, state: 'UPDATE_SCHEDULED' });
    expect(data.d.allocation).toEqual({
      name: 'two',
      nodeLimit: 5,
      state: 'ERRED',
      errorMessage: 'so',
    });
  });

  it('has an error below the success when it can not be read: the change was made', async () => {
    const { gateway, scene } = await aScene(0);
    gateway.sandbox.waldur.server.inject({ when: isLook, fault: { kind: 'reset' } });
    const { data, errors } = await gateway.run(
      `mutation { updateSecurityGroup(input: { uuid: "${scene.securityGroup.uuid}", name: "renamed" }) {
        ... on UpdateSecurityGroupSuccess { securityGroup { state } }
      } }`,
    );
    expect(errors?.[0]).toMatchObject({
      path: ['updateSecurityGroup', 'securityGroup', 'state'],
      extensions: { code: 'UPSTREAM_UNAVAILABLE' },
    });
    expect(data.updateSecurityGroup).toBeNull();
    expect(scene.securityGroup.name).toBe('renamed');
  });

  it('runs one after the other, and a refusal undoes nothing', async () => {
    const { gateway, scene } = await aScene(0);
    const { answer, waldur } = await gateway.calls(
      `mutation {
        a: updateAllocation(input: { uuid: "${scene.allocation.uuid}", name: "one" }) { __typename }
        b: updateAllocation(input: { uuid: "${'0'.repeat(32)}", name: "x" }) { __typename }
        c: updateAllocation(input: { uuid: "${scene.allocation.uuid}", name: "three" }) { __typename }
      }`,
    );
    expect(answer.data).toEqual({
      a: { __typename: 'UpdateAllocationSuccess' },
      b: { __typename: 'NotFound' },
      c: { __typename: 'UpdateAllocationSuccess' },
    });
    expect(waldur.map(({ body }) => (JSON.parse(body) as { name: string }).name)).toEqual([
      'one',
      'x',
      'three',
    ]);
    expect(scene.allocation.name).toBe('three');
  });
});

describe('Kept rules', () => {
  it('stay as they are but for what is said, defaults notwithstanding', async () => {
    const { gateway, scene } = await aScene(0);
    const { securityGroup } = scene;
    securityGroup.rules = [
      {
        id: 7,
        ethertype: 'IPv6',
        direction: 'egress',
        protocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        cidr: '::/0',
        description: 'web',
        remoteGroup: null,
      },
    ];
    const { uuid } = securityGroup;
    const set = async (rules: string, variables?: Record<string, unknown>) => {
      securityGroup.state = 'OK';
      const { data } = await gateway.run(
        `mutation${variables ? '($rules: [SecurityGroupRuleInput!]!)' : ''} {
          setSecurityGroupRules(input: { uuid: "${uuid}", rules: ${rules} }) { __typename }
        }`,
        variables === undefined ? {} : { variables },
      );
      expect(data.setSecurityGroupRules.__typename).toBe('SetSecurityGroupRulesSuccess');
      return securityGroup.rules[0];
    };
    const same = { id: 7, ethertype: 'IPv6', direction: 'egress', protocol: 'tcp' };
    expect(await set('[{ ruleId: 7, description: "said" }]')).toMatchObject({
      ...same,
      description: 'said',
      cidr: '::/0',
    });
    expect(await set('{ ruleId: 7, toPort: 444 }')).toMatchObject({ ...same, toPort: 444 });
    expect(await set('$rules', { rules: [{ ruleId: 7, cidr: null }] })).toMatchObject({
      ...same,
      cidr: null,
      toPort: 444,
    });
    expect(await set(`[{ ruleId: 7, remoteGroup: "${uuid}" }]`)).toMatchObject({
      ...same,
      remoteGroup: securityGroup,
    });
    expect(await set('[{ ruleId: 7, cidr: "fd00::/8" }]')).toMatchObject({
      ...same,
      cidr: 'fd00::/8',
      remoteGroup: null,
    });
    expect(await set('[{ ruleId: 7, ethertype: IPV4, cidr: "10.0.0.0/8" }]')).toMatchObject({
      ...same,
      ethertype: 'IPv4',
    });
  });

  it('cost a read only when something is left out', async () => {
    const { gateway, scene } = await aScene(0);
    const [rule] = scene.securityGroup.rules;
    const { lines } = await gateway.calls(
      `mutation { setSecurityGroupRules(input: { uuid: "${scene.securityGroup.uuid}", rules: [{
        ruleId: ${rule?.id}, ethertype: IPV4, direction: INGRESS, protocol: null, fromPort: null,
        toPort: null, cidr: null, description: "" }] }) { __typename } }`,
    );
    expect(lines).toHaveLength(1);
  });
});

describe('A server group without a tenant', () => {
  const query =
    'mutation { createServerGroup(input: { name: "x" }) { __typename ... on CreateServerGroupSuccess { serverGroup { name } } } }';

  it('fails as Waldur does', async () => {
    const gateway = await aGateway();
    const { answer, lines } = await gateway.calls(query);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_FAILED' });
    expect(lines).toEqual(['POST /api/openstack-server-groups/']);
  });

  it('is made where Waldur keeps to its documentation', async () => {
    const gateway = await aGateway({ serverGroupPost: true });
    const { data } = await gateway.run(query);
    expect(data.createServerGroup.serverGroup.name).toBe('x');
  });
});

describe('Acting as somebody else', () => {
  const as = (uuid: string) => ({ headers: { 'x-impersonated-user-uuid': uuid } });

  it('changes nothing unless Waldur confirms it first', async () => {
    const { gateway, scene } = await aScene(0);
    const query = `mutation { updateAllocation(input: { uuid: "${scene.allocation.uuid}", name: "x" }) { __typename } }`;
    const { answer, waldur } = await gateway.calls(query, as('f'.repeat(32)));
    expect(answer.data.updateAllocation.__typename).toBe('Forbidden');
    expect(waldur.filter((call) => !isLook(call))).toEqual([]);
  });

  it('changes what that one may change', async () => {
    const { gateway, scene } = await aScene(0);
    const user = (name: string) =>
      gateway.sandbox.waldur.world.users.find(({ username }) => username === name)?.uuid ?? '';
    const query = `mutation { updateAllocation(input: { uuid: "${scene.allocation.uuid}", name: "x" }) { __typename } }`;
    const member = await gateway.run(query, as(user('member')));
    expect(member.data.updateAllocation.__typename).toBe('Forbidden');
    const staff = await gateway.run(query, as(user('staff')));
    expect(staff.data.updateAllocation.__typename).toBe('UpdateAllocationSuccess');
  });

  it('is OutcomeUnknown when Waldur confirms it before the change, and not with it', async () => {
    const { gateway, scene } = await aScene(0);
    const [staff] = gateway.sandbox.waldur.world.users;
    gateway.sandbox.waldur.server.inject({
      fault: {
        kind: 'change',
        change: ({ headers: { 'x-impersonator-uuid': _, ...headers } = {}, ...answer }) => ({
          ...answer,
          headers,
        }),
      },
      when: ({ method }) => method === 'PATCH',
    });
    const { data } = await gateway.run(
      `mutation { updateAllocation(input: { uuid: "${scene.allocation.uuid}", name: "by whom" }) { __typename } }`,
      as(staff?.uuid ?? ''),
    );
    expect(data.updateAllocation.__typename).toBe('OutcomeUnknown');
    expect(scene.allocation.name).toBe('by whom');
  });
});

describe('A new resource', () => {
  it('is OutcomeUnknown when its uuid is not told, with a query that finds it', async () => {
    const { gateway, scene } = await aScene(0);
    gateway.sandbox.waldur.server.inject({
      fault: { kind: 'change', change: (answer) => ({ ...answer, body: '{}' }) },
      when: ({ method }) => method === 'POST',
    });
    const { data } = await gateway.run(
      `mutation { createServerGroup(input: { name: "odd one", tenant: "${scene.tenant.uuid}" }) { __typename ... on OutcomeUnknown { checkWith } } }`,
    );
    expect(data.createServerGroup.__typename).toBe('OutcomeUnknown');
    const found = await gateway.run(data.createServerGroup.checkWith);
    const made = gateway.sandbox.waldur.world.serverGroups.find(({ name }) => name === 'odd one');
    expect(JSON.stringify(found.data)).toContain(made?.uuid);
  });
});

describe('A connection that breaks in the middle of a write', () => {
  const query = (uuid: string) =>
    `mutation { updateAllocation(input: { uuid: "${uuid}", name: "x" }) { __typename ... on OutcomeUnknown { checkWith } } }`;

  it('before anything was sent is an outage', async () => {
    const env = { WALDUR_URL: `http://127.0.0.1:${await aFreePort()}` };
    const gateway = await aGateway({ env });
    const { data, errors } = await gateway.run(query('a'.repeat(32)));
    expect(data.updateAllocation).toBeNull();
    expect(errors?.[0]?.extensions).toEqual({ code: 'UPSTREAM_UNAVAILABLE', upstream: 'waldur' });
  });

  it.each([
    ['after the request, before any answer', { kind: 'reset' }],
    ['after the headers', { kind: 'truncate', share: 0 }],
    ['half way through the answer', { kind: 'truncate', share: 0.5 }],
    ['by silence', { kind: 'hang' }],
  ] as const)('%s leaves the outcome unknown, and is not tried again', async (_point, fault) => {
    const gateway = await aGateway({ env: { UPSTREAM_TIMEOUT_MS: '150' } });
    const scene = sceneIn(gateway.sandbox);
    gateway.sandbox.waldur.server.inject({ fault });
    const { answer, waldur } = await gateway.calls(query(scene.allocation.uuid));
    expect(answer.errors).toBeUndefined();
    expect(answer.data.updateAllocation).toMatchObject({ __typename: 'OutcomeUnknown' });
    expect(waldur).toHaveLength(1);
  });

  it('by a kept connection that the server has closed meanwhile is told as what it is', async () => {
    const gateway = await aGateway();
    const scene = sceneIn(gateway.sandbox);
    await gateway.run('{ viewer { username } }');
    const { server } = gateway.sandbox.waldur;
    server.cutIdleConnections();
    const { answer, waldur } = await gateway.calls(query(scene.allocation.uuid));
    const writes = waldur.filter(({ method }) => method === 'PATCH');
    const type = answer.data.updateAllocation?.__typename;
    // Closed before sending, a new connection is opened; closed while sending, nobody knows.
    expect(['UpdateAllocationSuccess', 'OutcomeUnknown']).toContain(type);
    expect(writes.length).toBe(type === 'UpdateAllocationSuccess' ? 1 : 0);
  });
});
