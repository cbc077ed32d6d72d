/** Danube's tasks: called off, forgotten, and never there. */

import { describe, expect, it } from 'vitest';
import { openClock } from '../../src/sandbox/clock.ts';
import type { Machine } from '../../src/sandbox/danube/model.ts';
import { aGateway } from '../a-gateway.ts';

/** A well-formed id of which Danube knows nothing. */
const unknown = '1e1d1-00000000-0000-0000-0000';

async function aScene(env: Record<string, string> = {}) {
  const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
  const gateway = await aGateway({ clock, env });
  const { world } = gateway.sandbox.danube;
  const machine = world.machines.find(
    ({ datacenter, node }) => datacenter.id === 1 && node?.status === 'online',
  ) as Machine;
  Object.assign(machine, { status: 'stopped', locked: false, isReplica: false });
  world.tasks.clear();
  const begin = async () => {
    const { data } = await gateway.run(
      `mutation { startVirtualMachine(input: { hostname: "${machine.hostname}" }) { ... on StartVirtualMachineSuccess { task { taskId } } } }`,
    );
    return data.startVirtualMachine.task.taskId as string;
  };
  const cancel = async (taskId: string, more = '', as: 'staff' | 'stranger' = 'staff') => {
    const made = await gateway.calls(
      `mutation { cancelTask(input: { taskId: "${taskId}" ${more} }) {
        ... on CancelTaskSuccess { task { taskId status done message known } }
        ... on Failure { code message recipe { step } }
        ... on InvalidInput { issues { path } }
        ... on OutcomeUnknown { checkWith }
      } }`,
      { as },
    );
    return { ...made, result: made.answer.data?.cancelTask };
  };
  return { gateway, clock, machine, begin, cancel };
}

describe('cancelTask', () => {
  it('calls a task off', async () => {
    const { begin, cancel, machine, clock } = await aScene();
    const taskId = await begin();
    const { result, danube } = await cancel(taskId, 'force: true');
    expect(result.task).toEqual({
      taskId,
      status: 'REVOKED',
      done: true,
      message: 'TaskRevokedError: terminated',
      known: true,
    });
    expect(danube.map(({ method, body }) => [method, body])).toEqual([
      ['PUT', '{"dc":"main","force":true}'],
    ]);
    clock.advance(60_000);
    expect(machine.status).toBe('stopped');
  });

  it('is a Conflict for what has ended, is elsewhere, or is not known', async () => {
    const { begin, cancel, clock } = await aScene();
    const taskId = await begin();
    expect((await cancel(taskId, 'datacenter: "research"')).result.code).toBe('CONFLICT');
    clock.advance(60_000);
    expect((await cancel(taskId)).result).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('Task cannot be canceled'),
      recipe: null,
    });
    expect((await cancel(unknown)).result.code).toBe('CONFLICT');
  });

  it('is refused before it is sent for what is no id', async () => {
    const { cancel } = await aScene();
    const { result, danube } = await cancel('nonsense');
    expect(result).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: ['taskId'] }] });
    expect(danube).toEqual([]);
  });

  it("is Forbidden for another's", async () => {
    const { begin, cancel } = await aScene();
    expect((await cancel(await begin(), '', 'stranger')).result.code).toBe('FORBIDDEN');
  });

  it('is OutcomeUnknown when the connection breaks, with a query that tells', async () => {
    const { gateway, begin, cancel } = await aScene();
    const taskId = await begin();
    gateway.sandbox.danube.server.inject({ fault: { kind: 'reset' }, times: 1 });
    const { result } = await cancel(taskId);
    expect(result.code).toBe('OUTCOME_UNKNOWN');
    expect((await gateway.run(result.checkWith)).data.task.status).toBe('PENDING');
  });
});

describe('Task.known', () => {
  const query = (taskId: string) => `{ task(taskId: "${taskId}") { status done known } }`;

  it('is false for a task that Danube says PENDING of, and has not', async () => {
    const { gateway, begin, clock } = await aScene();
    const { answer, lines } = await gateway.calls(query(unknown));
    expect(answer.data.task).toEqual({ status: 'PENDING', done: false, known: false });
    expect(lines).toEqual(
      [
        `GET /api/task/${unknown}/status/`,
        'GET /api/dc/',
        'GET /api/task/?dc=archive',
        'GET /api/task/?dc=main',
        'GET /api/task/?dc=research',
      ].map((line) => expect.stringContaining(line)),
    );
    const taskId = await begin();
    expect((await gateway.run(query(taskId))).data.task.known).toBe(true);
    clock.advance(60_000);
    const ended = await gateway.calls(query(taskId));
    expect(ended.answer.data.task).toEqual({ status: 'SUCCESS', done: true, known: true });
    expect(ended.danube).toHaveLength(1);
    // Outcomes are kept for an hour.
    clock.advance(3600_000);
    expect((await gateway.run(query(taskId))).data.task.known).toBe(false);
  });

  it('costs nothing where it is not asked for', async () => {
    const { gateway } = await aScene();
    const { danube } = await gateway.calls(`{ task(taskId: "${unknown}") { status } }`);
    expect(danube).toHaveLength(1);
  });
});

describe('A task that got lost', () => {
  it('is not waited for beyond the time, and said to have ended', async () => {
    const { gateway, machine } = await aScene({
      POLL_FIRST_MS: '2',
      POLL_LEAST_MS: '1',
      POLL_MOST_MS: '3',
    });
    const { world, server } = gateway.sandbox.danube;
    server.inject({
      fault: { kind: 'delay', delayMs: 0 },
      when: ({ path }) => {
        if (path.endsWith('/status/')) {
          world.tasks.clear();
        }
        return false;
      },
    });
    const { data } = await gateway.run(
      `mutation { startVirtualMachine(input: { hostname: "${machine.hostname}" }, wait: { timeoutSeconds: 1 }) {
        ... on StartVirtualMachineSuccess { settled task { status known } virtualMachine { status } } } }`,
    );
    expect(data.startVirtualMachine).toEqual({
      settled: true,
      task: { status: 'PENDING', known: false },
      virtualMachine: { status: 'STOPPED' },
    });
  });
});
