/** Following what changes by itself, over server-sent events. */

import { queryObjects } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { Row } from '../../src/rows/row.ts';
import { openClock } from '../../src/sandbox/clock.ts';
import type { Machine } from '../../src/sandbox/danube/model.ts';
import type { ReceivedCall } from '../../src/sandbox/server.ts';
import { type Answer, aGateway, type CallerName, type TestGateway } from '../a-gateway.ts';

const pace = { WATCH_LEAST_MS: '2', WATCH_MOST_MS: '5', WATCH_PATIENCE_MS: '40' };

/** The events of a subscription, until it completes or `enough` says so. */
async function follow(
  gateway: TestGateway,
  query: string,
  {
    as = 'staff',
    onEvent,
    signal,
  }: {
    readonly as?: CallerName;
    readonly onEvent?: (event: Answer) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<{ readonly events: Answer[]; readonly isComplete: boolean }> {
  const caller = gateway.sandbox.callers[as];
  const response = await gateway.request({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Token ${caller.waldurToken}`,
      'x-danube-api-key': caller.danubeApiKey,
    },
    body: JSON.stringify({ query }),
    ...(signal === undefined ? {} : { signal }),
  });
  const events: Answer[] = [];
  let text = '';
  let isComplete = false;
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const kind = /^event: (\w+)/m.exec(part)?.[1];
      const data = /^data: (.+)$/m.exec(part)?.[1];
      if (kind === 'next' && data !== undefined) {
        const event = JSON.parse(data) as Answer;
        events.push(event);
        onEvent?.(event);
      }
      isComplete ||= kind === 'complete';
    }
  }
  return { events, isComplete };
}

/** Sandbox time stands still, but for so many milliseconds with each look of the kind. */
function tick(
  gateway: TestGateway,
  upstream: 'waldur' | 'danube',
  isLook: (call: ReceivedCall) => boolean,
  ms: number,
): void {
  gateway.sandbox[upstream].server.inject({
    fault: { kind: 'delay', delayMs: 0 },
    when: (call) => {
      if (isLook(call)) {
        gateway.sandbox.clock.advance(ms);
      }
      return false;
    },
  });
}

const aScene = async (env: Record<string, string> = {}) => {
  const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
  const gateway = await aGateway({ clock, env: { ...pace, ...env } });
  const [group] = gateway.sandbox.waldur.world.securityGroups;
  Object.assign(group ?? {}, { state: 'OK', backendId: 'b', name: 'watched' });
  const watch = `subscription { resourceChanged(uuid: "${group?.uuid}", type: SECURITY_GROUP) { __typename uuid state ... on SecurityGroup { name rules { ruleId } tenant { name } } } }`;
  return { gateway, clock, group, watch };
};

const isState = ({ method, query }: ReceivedCall) =>
  method === 'GET' && query.getAll('field').includes('modified');

const statesOf = (events: readonly Answer[]) =>
  events.map(({ data }) => data?.resourceChanged?.state ?? null);

describe('resourceChanged', () => {
  it('tells how it is now, then each change, and completes when it has settled', async () => {
    const { gateway, group, watch } = await aScene();
    await gateway.run(`mutation { pullSecurityGroup(uuid: "${group?.uuid}") { __typename } }`);
    const { events, isComplete } = await follow(gateway, watch, {
      onEvent: () => gateway.sandbox.clock.advance(3_000),
    });
    expect(statesOf(events)).toEqual(['UPDATE_SCHEDULED', 'UPDATING', 'OK']);
    expect(events[0]?.data.resourceChanged).toMatchObject({
      __typename: 'SecurityGroup',
      name: 'watched',
      tenant: { name: expect.any(String) },
    });
    expect(isComplete).toBe(true);
    expect(gateway.vitals()).toMatchObject({ rounds: 0, underWay: 0 });
  });

  it('tells of one that has settled once, and completes', async () => {
    const { gateway, watch } = await aScene();
    const { events, isComplete } = await follow(gateway, watch);
    expect(statesOf(events)).toEqual(['OK']);
    expect(isComplete).toBe(true);
  });

  it('ends with null when it is gone', async () => {
    const { gateway, group, watch } = await aScene();
    await gateway.run(`mutation { deleteSecurityGroup(uuid: "${group?.uuid}") { __typename } }`);
    const { events, isComplete } = await follow(gateway, watch, {
      onEvent: () => gateway.sandbox.clock.advance(3_000),
    });
    expect(statesOf(events)).toEqual(['DELETION_SCHEDULED', 'DELETING', null]);
    expect(events.at(-1)?.errors).toBeUndefined();
    expect(isComplete).toBe(true);
  });

  it('is null at once for what a caller may not see', async () => {
    const { gateway, watch } = await aScene();
    const { events } = await follow(gateway, watch, { as: 'stranger' });
    expect(events).toEqual([{ data: { resourceChanged: null } }]);
  });

  it('shows what was changed meanwhile, and never what was read before', async () => {
    const { gateway, group, watch } = await aScene();
    await gateway.run(`mutation { pullSecurityGroup(uuid: "${group?.uuid}") { __typename } }`);
    const names: string[] = [];
    await follow(gateway, watch, {
      onEvent: ({ data }) => {
        names.push(data.resourceChanged.name);
        gateway.sandbox.clock.advance(3_000);
        if (group !== undefined) {
          group.name = `watched ${names.length}`;
        }
      },
    });
    expect(names).toEqual(['watched', 'watched 1', 'watched 2']);
  });

  it('goes on through short outages', async () => {
    const { gateway, group, watch } = await aScene({ WATCH_PATIENCE_MS: '60000' });
    await gateway.run(`mutation { pullSecurityGroup(uuid: "${group?.uuid}") { __typename } }`);
    tick(gateway, 'waldur', isState, 1_000);
    let looks = 0;
    gateway.sandbox.waldur.server.inject({
      fault: { kind: 'answer', answer: { status: 502, body: '' } },
      when: (call) => isState(call) && ++looks % 2 === 0,
    });
    expect(statesOf((await follow(gateway, watch)).events).at(-1)).toBe('OK');
  });

  it('ends with a code after long ones', async () => {
    const { gateway, watch } = await aScene();
    gateway.sandbox.waldur.server.inject({ fault: { kind: 'reset' } });
    const { events, isComplete } = await follow(gateway, watch);
    expect(events).toEqual([
      {
        data: { resourceChanged: null },
        errors: [
          expect.objectContaining({
            path: ['resourceChanged'],
            extensions: expect.objectContaining({
              code: 'UPSTREAM_UNAVAILABLE',
              upstream: 'waldur',
            }),
          }),
        ],
      },
    ]);
    expect(isComplete).toBe(true);
  });

  it('ends at once when the credential is at fault', async () => {
    const { gateway, watch } = await aScene({ WATCH_PATIENCE_MS: '3600000' });
    gateway.sandbox.waldur.server.inject({
      fault: {
        kind: 'answer',
        answer: { status: 401, body: '{"detail":"Token has expired."}' },
      },
    });
    const { events } = await follow(gateway, watch);
    expect(events[0]?.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is one look for all who watch the same kind as one caller', async () => {
    const { gateway } = await aScene();
    const groups = gateway.sandbox.waldur.world.securityGroups.slice(0, 3);
    for (const group of groups) {
      Object.assign(group, { state: 'UPDATING', project: groups[0]?.project });
    }
    const count = { looks: 0 };
    gateway.sandbox.waldur.server.inject({
      fault: { kind: 'delay', delayMs: 0 },
      when: (call) => {
        if (isState(call)) {
          count.looks += 1;
          if (count.looks === 30) {
            for (const group of groups) {
              group.state = 'OK';
            }
          }
        }
        return false;
      },
    });
    const watched = Array.from({ length: 12 }, (_, at) =>
      follow(
        gateway,
        `subscription { resourceChanged(uuid: "${groups[at % 3]?.uuid}", type: SECURITY_GROUP) { state } }`,
      ),
    );
    const all = await Promise.all(watched);
    expect(all.every(({ events }) => statesOf(events).at(-1) === 'OK')).toBe(true);
    // Three details a look, whoever many watch: 12 clients of their own would have made four times as many.
    expect(count.looks).toBeLessThan(30 + 12);
  });

  it('keeps nothing of the looks before, where a look is a list', async () => {
    const { gateway } = await aScene();
    const { securityGroups } = gateway.sandbox.waldur.world;
    const groups = securityGroups.slice(0, 3);
    for (const group of groups) {
      group.state = 'UPDATING';
    }
    // How many there are is known by then: one list costs less than three details.
    await gateway.run('{ securityGroups(first: 1) { nodes { name } } }');
    let looks = 0;
    const rows: number[] = [];
    gateway.sandbox.waldur.server.inject({
      fault: { kind: 'delay', delayMs: 0 },
      when: (call) => {
        const isLook = isState(call) && call.path === '/api/openstack-security-groups/';
        looks += isLook ? 1 : 0;
        if (isLook && (looks === 3 || looks === 9)) {
          rows.push(queryObjects(Row, { format: 'count' }));
        }
        if (looks === 9) {
          for (const group of groups) {
            group.state = 'OK';
          }
        }
        return false;
      },
    });
    await Promise.all(
      groups.map(({ uuid }) =>
        follow(
          gateway,
          `subscription { resourceChanged(uuid: "${uuid}", type: SECURITY_GROUP) { state } }`,
        ),
      ),
    );
    const [early = 0, late = 0] = rows;
    expect(late - early).toBeLessThan(securityGroups.length);
  });
});

describe('taskChanged', () => {
  it('tells of each state, until it is done', async () => {
    const { gateway } = await aScene();
    const machine = gateway.sandbox.danube.world.machines.find(
      ({ datacenter, node }) => datacenter.id === 1 && node?.status === 'online',
    ) as Machine;
    Object.assign(machine, { status: 'stopped', locked: false, isReplica: false });
    gateway.sandbox.danube.world.tasks.clear();
    const { data } = await gateway.run(
      `mutation { startVirtualMachine(input: { hostname: "${machine.hostname}" }) { ... on StartVirtualMachineSuccess { task { taskId } } } }`,
    );
    const { taskId } = data.startVirtualMachine.task;
    const { events, isComplete } = await follow(
      gateway,
      `subscription { taskChanged(taskId: "${taskId}") { status done message } }`,
      { onEvent: () => gateway.sandbox.clock.advance(5_000) },
    );
    const told = events.map(({ data: shown }) => shown.taskChanged);
    expect(told.map(({ status }: { status: string }) => status)).toEqual([
      'PENDING',
      'STARTED',
      'SUCCESS',
    ]);
    expect(told.at(-1)).toMatchObject({ done: true, message: /started/ });
    expect(isComplete).toBe(true);
  });

  it('ends with NOT_FOUND for a task that Danube says PENDING of for ever', async () => {
    const { gateway } = await aScene();
    const { events, isComplete } = await follow(
      gateway,
      'subscription { taskChanged(taskId: "1e1d1-00000000-0000-0000-0000") { status } }',
    );
    expect(events[0]?.data.taskChanged.status).toBe('PENDING');
    expect(events.at(-1)?.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
    expect(isComplete).toBe(true);
  });

  it('refuses what is no id', async () => {
    const { gateway } = await aScene();
    const { events } = await follow(
      gateway,
      'subscription { taskChanged(taskId: "x") { status } }',
    );
    expect(events[0]?.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('virtualMachineChanged', () => {
  it('follows a machine as it is deployed', async () => {
    const { gateway } = await aScene();
    const machine = gateway.sandbox.danube.world.machines.find(
      ({ datacenter, node }) => datacenter.id === 1 && node?.status === 'online',
    ) as Machine;
    Object.assign(machine, {
      status: 'notcreated',
      deployed: null,
      locked: false,
      isReplica: false,
    });
    gateway.sandbox.danube.world.tasks.clear();
    await gateway.run(
      `mutation { deployVirtualMachine(input: { hostname: "${machine.hostname}" }) { __typename } }`,
    );
    const { events, isComplete } = await follow(
      gateway,
      `subscription { virtualMachineChanged(hostname: "${machine.hostname}") { status datacenter { name alias } } }`,
      { onEvent: () => gateway.sandbox.clock.advance(6_000) },
    );
    const told = events.map(({ data }) => data.virtualMachineChanged);
    expect(told.map(({ status }: { status: string }) => status)).toEqual(['DEPLOYING', 'RUNNING']);
    expect(told[0].datacenter).toEqual({ name: 'main', alias: expect.any(String) });
    expect(isComplete).toBe(true);
  });

  it('asks for all machines at once, for 200 clients, and within the budget', {
    timeout: 60_000,
  }, async () => {
    const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
    const gateway = await aGateway({
      clock,
      danubeCallsPerMinute: 45,
      sizes: { machines: 150 },
      env: { WATCH_LEAST_MS: '5', WATCH_MOST_MS: '5', WATCH_PATIENCE_MS: '60000' },
      // A minute of the sandbox's, at two seconds of it in five milliseconds.
      config: { danubeRate: { calls: 45, windowMs: 150 } },
    });
    const { world, server } = gateway.sandbox.danube;
    const machines = world.machines.filter(({ datacenter }) => datacenter.id === 1).slice(0, 50);
    for (const machine of machines) {
      Object.assign(machine, { status: 'running-', isReplica: false, node: world.nodes[0] });
    }
    let looks = 0;
    server.inject({
      fault: { kind: 'delay', delayMs: 0 },
      when: ({ path }) => {
        if (path === '/api/vm/') {
          looks += 1;
          // The least that lies between two looks, in sandbox time.
          clock.advance(2_000);
          // One after the other settles, within two minutes.
          const machine = machines[looks - 8];
          if (machine !== undefined) {
            machine.status = 'running';
          }
        }
        return false;
      },
    });
    const started = clock.now();
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        follow(
          gateway,
          `subscription { virtualMachineChanged(hostname: "${machines[at % 50]?.hostname}") { status inTransition } }`,
        ),
      ),
    );
    const minutes = (clock.now() - started) / 60_000;
    expect(minutes).toBeGreaterThan(1.5);
    expect(
      all.every(({ events, isComplete }) => {
        const last = events.at(-1)?.data.virtualMachineChanged;
        return isComplete && last?.status === 'RUNNING' && last.inTransition === false;
      }),
    ).toBe(true);
    expect(server.calls.some(({ status }) => status === 429)).toBe(false);
    expect(server.calls.length / minutes).toBeLessThanOrEqual(45);
    await expect.poll(() => gateway.vitals()).toMatchObject({ rounds: 0, underWay: 0 });
  });
});

describe('A client that leaves', () => {
  it('ends the looks when it was the last', async () => {
    const { gateway, group, watch } = await aScene();
    Object.assign(group ?? {}, { state: 'UPDATING' });
    const leaving = [new AbortController(), new AbortController()];
    const both = leaving.map(({ signal }) =>
      follow(gateway, watch, { signal }).catch(() => undefined),
    );
    await expect.poll(() => gateway.vitals().rounds).toBe(1);
    leaving[0]?.abort();
    await both[0];
    const { calls } = gateway.sandbox.waldur.server;
    const before = calls.length;
    await expect.poll(() => calls.length).toBeGreaterThan(before + 3);
    leaving[1]?.abort();
    await both[1];
    await expect.poll(() => gateway.vitals()).toMatchObject({ rounds: 0, underWay: 0 });
  });
});
