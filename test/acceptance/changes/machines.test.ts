/** Changing Danube's machines: what is sent, what comes of it, and every refusal. */

import { describe, expect, it } from 'vitest';
import { openClock } from '../../../src/sandbox/clock.ts';
import { definitionOf } from '../../../src/sandbox/danube/machines.ts';
import type { Machine } from '../../../src/sandbox/danube/model.ts';
import type { Fault, ReceivedCall } from '../../../src/sandbox/server.ts';
import { aGateway, type RunOptions } from '../../a-gateway.ts';

const pace = { POLL_FIRST_MS: '2', POLL_LEAST_MS: '1', POLL_MOST_MS: '3' };

/** Sandbox time stands still, but for a second with each reading after a change. */
async function aScene(change: Partial<Machine> = {}) {
  const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
  const gateway = await aGateway({ clock, env: pace });
  const { world, server } = gateway.sandbox.danube;
  const machine = world.machines.find(
    ({ datacenter, node }) => datacenter.id === 1 && node?.status === 'online',
  ) as Machine;
  Object.assign(machine, {
    status: 'stopped',
    locked: false,
    isReplica: false,
    snapshots: 0,
    deployed: definitionOf(machine),
    ...change,
  });
  world.tasks.clear();
  let hasWritten = false;
  server.inject({
    fault: { kind: 'delay', delayMs: 0 },
    when: ({ method }) => {
      if (hasWritten && method === 'GET') {
        clock.advance(1_000);
      }
      hasWritten ||= method !== 'GET';
      return false;
    },
  });
  const run = async (
    mutation: string,
    input: Readonly<Record<string, unknown>> = {},
    options: RunOptions & { readonly wait?: object } = {},
  ) => {
    const title = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
    const type = {
      deleteVirtualMachine: 'VirtualMachineRefInput',
      startVirtualMachine: 'VirtualMachineRefInput',
      stopVirtualMachine: 'StopVirtualMachineInput',
      rebootVirtualMachine: 'StopVirtualMachineInput',
    }[mutation];
    const hasTask = !/Definition|Links/.test(mutation);
    const made = await gateway.calls(
      `mutation M($input: ${type ?? `${title}Input`}!${hasTask ? ', $wait: WaitInput' : ''}) {
        result: ${mutation}(input: $input${hasTask ? ', wait: $wait' : ''}) {
          __typename
          ... on ${title}Success {
            virtualMachine { hostname status changed tags vcpus }
            ${hasTask ? 'settled task { taskId status message done }' : ''}
            ${mutation === 'updateVirtualMachine' ? 'detail' : ''}
          }
          ... on Failure { code message }
          ... on InvalidInput { issues { path message } }
          ... on PreconditionFailed { confirmationRequired }
          ... on OutcomeUnknown { checkWith }
        }
      }`,
      {
        ...options,
        variables: {
          input: { hostname: machine.hostname, ...input },
          ...(options.wait === undefined ? {} : { wait: options.wait }),
        },
      },
    );
    const writes = made.danube.filter(({ method }: ReceivedCall) => method !== 'GET');
    return { ...made, result: made.answer.data?.result, writes };
  };
  return { gateway, world, machine, clock, run };
}

const bodyOf = (call: ReceivedCall | undefined): unknown => JSON.parse(call?.body ?? 'null');

describe('A machine from nothing to running', () => {
  it('is deployed by one write, and waited for by its task', async () => {
    const { machine, run } = await aScene({ status: 'notcreated', deployed: null });
    const { result, writes, answer } = await run('deployVirtualMachine', {}, { wait: {} });
    expect(answer.errors).toBeUndefined();
    expect(result).toMatchObject({
      __typename: 'DeployVirtualMachineSuccess',
      settled: true,
      virtualMachine: { hostname: machine.hostname, status: 'RUNNING', changed: false },
      task: {
        status: 'SUCCESS',
        done: true,
        message: `Successfully created VM ${machine.hostname}`,
      },
    });
    expect(writes).toHaveLength(1);
    expect(writes[0]?.path).toBe(`/api/vm/${machine.hostname}/`);
    expect(bodyOf(writes[0])).toEqual({ dc: 'main' });
  });

  it('is shown as it is when nobody waits', async () => {
    const { run } = await aScene({ status: 'notcreated', deployed: null });
    const { result } = await run('deployVirtualMachine');
    expect(result).toMatchObject({
      settled: false,
      virtualMachine: { status: 'DEPLOYING' },
      task: { status: 'PENDING', done: false },
    });
  });

  it('tells of a task that failed', async () => {
    const { machine, run } = await aScene({
      status: 'notcreated',
      deployed: null,
      hostname: 'please-fail.lan',
    });
    const { result } = await run('deployVirtualMachine', {}, { wait: {} });
    expect(result).toMatchObject({
      settled: true,
      virtualMachine: { status: 'NOTCREATED' },
      task: { status: 'FAILURE', message: expect.stringContaining('refused') },
    });
    expect(machine.status).toBe('notcreated');
  });

  it('is named by uuid as well, with or without dashes', async () => {
    const { machine, run } = await aScene({ status: 'notcreated', deployed: null });
    const uuid = machine.uuid.replaceAll('-', '');
    const { result, writes } = await run('deployVirtualMachine', { hostname: null, uuid });
    expect(result.virtualMachine.hostname).toBe(machine.hostname);
    expect(writes[0]?.path).toBe(`/api/vm/${machine.uuid}/`);
  });
});

describe('A deployed machine', () => {
  it('is recreated only when that is confirmed', async () => {
    const { machine, run } = await aScene();
    const asked = await run('deployVirtualMachine', { recreate: true });
    expect(asked.result).toMatchObject({
      __typename: 'PreconditionFailed',
      confirmationRequired: true,
    });
    expect(machine.status).toBe('stopped');
    const { result, writes } = await run(
      'deployVirtualMachine',
      { recreate: true, confirm: true },
      { wait: {} },
    );
    expect(result).toMatchObject({ settled: true, virtualMachine: { status: 'RUNNING' } });
    expect(bodyOf(writes[0])).toEqual({ dc: 'main', recreate: true, force: true });
  });

  it('loses its machine and keeps its definition when it is deleted', async () => {
    const { machine, world, run } = await aScene();
    const { result, writes } = await run('deleteVirtualMachine', {}, { wait: {} });
    expect(result).toMatchObject({ settled: true, virtualMachine: { status: 'NOTCREATED' } });
    expect(writes.map(({ method }) => method)).toEqual(['DELETE']);
    expect(world.machines).toContain(machine);
    expect(machine.deployed).toBeNull();
  });

  it('takes over what was changed', async () => {
    const { machine, run } = await aScene();
    const defined = await run('updateVirtualMachineDefinition', { vcpus: 16 });
    expect(defined.result.virtualMachine).toMatchObject({ vcpus: 16, changed: true });
    expect(bodyOf(defined.writes[0])).toEqual({ dc: 'main', vcpus: 16 });
    const { result } = await run('updateVirtualMachine', {}, { wait: {} });
    expect(result).toMatchObject({
      settled: true,
      virtualMachine: { changed: false },
      task: { message: `Successfully updated VM ${machine.hostname}` },
      detail: null,
    });
    expect(machine.deployed?.vcpus).toBe(16);
  });

  it('is settled at once, without a task, when nothing was changed', async () => {
    const { machine, run } = await aScene();
    const { result } = await run('updateVirtualMachine', {}, { wait: {} });
    expect(result).toMatchObject({
      __typename: 'UpdateVirtualMachineSuccess',
      settled: true,
      task: null,
      detail: `Successfully updated VM ${machine.hostname} (locally)`,
    });
  });

  it('is started, rebooted and stopped', async () => {
    const { run } = await aScene();
    for (const [action, input, status, body] of [
      ['start', {}, 'RUNNING', {}],
      ['reboot', { timeoutSeconds: 20 }, 'RUNNING', { timeout: 20 }],
      ['stop', { force: true }, 'STOPPED', { force: true }],
    ] as const) {
      const { result, writes } = await run(`${action}VirtualMachine`, input, { wait: {} });
      expect(result).toMatchObject({ settled: true, virtualMachine: { status } });
      expect(bodyOf(writes[0])).toEqual({ dc: 'main', ...body });
    }
  });
});

describe('Links to Waldur', () => {
  it('are its own tags: what is left out stays, null unlinks, others are left alone', async () => {
    const { machine, gateway, run } = await aScene({
      tags: ['env:test', 'waldur:project:old', `waldur:customer:${'c'.repeat(32)}`],
    });
    const [project] = gateway.sandbox.waldur.world.projects;
    const { result, writes } = await run('setVirtualMachineLinks', {
      project: project?.uuid,
      tenant: null,
    });
    expect(writes).toHaveLength(1);
    expect(result.virtualMachine.tags).toEqual([
      'env:test',
      `waldur:customer:${'c'.repeat(32)}`,
      `waldur:project:${project?.uuid}`,
    ]);
    await run('setVirtualMachineLinks', { project: null, customer: null });
    expect(machine.tags).toEqual(['env:test']);
  });
});

describe('Refusals', () => {
  const disk = {
    size: 1,
    image: null,
    boot: true,
    model: 'virtio',
    compression: 'lz4',
    zpool: 'zones',
  };
  const cases: [string, string, Partial<Machine>, Record<string, unknown>, string][] = [
    ['423 already created', 'deployVirtualMachine', {}, {}, 'Conflict'],
    ['423 not stopped', 'deleteVirtualMachine', { status: 'running' }, {}, 'Conflict'],
    ['423 locked', 'deleteVirtualMachine', { locked: true }, {}, 'Conflict'],
    [
      '423 to be recreated while it runs',
      'deployVirtualMachine',
      { status: 'running' },
      { recreate: true, confirm: true },
      'Conflict',
    ],
    ['423 not operational', 'startVirtualMachine', { status: 'deploying' }, {}, 'Conflict'],
    ['417 bad action', 'startVirtualMachine', { status: 'running' }, {}, 'PreconditionFailed'],
    [
      '428 no bootable disk',
      'deployVirtualMachine',
      {
        status: 'notcreated',
        disks: [{ ...disk, boot: false }],
      },
      {},
      'PreconditionFailed',
    ],
    [
      '424 image refused',
      'deployVirtualMachine',
      {
        status: 'notcreated',
        disks: [{ ...disk, image: 'refused' }],
      },
      {},
      'PreconditionFailed',
    ],
    [
      '428 hardware changed while running',
      'updateVirtualMachine',
      { status: 'running', disk: 1 },
      {},
      'PreconditionFailed',
    ],
    [
      '417 disk changed with snapshots',
      'updateVirtualMachine',
      { disk: 1, snapshots: 2 },
      {},
      'PreconditionFailed',
    ],
    [
      '424 image changed for one that cannot be had',
      'updateVirtualMachine',
      {
        disk: 1,
        disks: [{ ...disk, image: 'refused' }],
      },
      {},
      'PreconditionFailed',
    ],
    ['404 node', 'updateVirtualMachine', {}, { force: true, node: 'nowhere' }, 'NotFound'],
    [
      '423 update of what is not created',
      'updateVirtualMachine',
      { status: 'notcreated' },
      {},
      'Conflict',
    ],
  ];

  it.each(cases)('%s of %s', async (_status, mutation, change, input, type) => {
    const { machine, run } = await aScene(change);
    const before = machine.status;
    const { result, writes } = await run(mutation, input);
    expect(result.__typename).toBe(type);
    expect(result.confirmationRequired ?? false).toBe(false);
    expect(writes).toHaveLength(1);
    expect(machine.status).toBe(before);
  });

  it('412: the node is the one it is on', async () => {
    const { machine, run } = await aScene();
    const input = { force: true, node: machine.node?.hostname };
    const { result } = await run('updateVirtualMachine', input);
    expect(result.__typename).toBe('PreconditionFailed');
  });

  it('423: the node is in maintenance', async () => {
    const { world, run, machine } = await aScene();
    machine.node = world.nodes.find(({ status }) => status === 'maintenance') ?? null;
    expect((await run('deleteVirtualMachine')).result.__typename).toBe('Conflict');
  });

  it('417: no node has room', async () => {
    const largest = { vcpus: 1_024, ram: 1_048_576 };
    const { run } = await aScene({ status: 'notcreated', node: null, ...largest });
    const { result } = await run('deployVirtualMachine');
    expect(result).toMatchObject({ __typename: 'PreconditionFailed', confirmationRequired: false });
  });

  it('409: a task is pending; 400: its lock is lost', async () => {
    const { machine, run } = await aScene();
    await run('startVirtualMachine');
    expect((await run('deleteVirtualMachine')).result.__typename).toBe('Conflict');
    const { result } = await run('startVirtualMachine');
    expect(result).toMatchObject({
      __typename: 'Conflict',
      message: expect.stringContaining('Task did not acquire lock'),
    });
    expect(machine.status).toBe('stopped');
  });

  it('400: nobody takes the task up', async () => {
    const { run, world, machine } = await aScene({ status: 'notcreated', deployed: null });
    world.isWorkerDown = true;
    const { result } = await run('deployVirtualMachine');
    expect(result).toMatchObject({
      __typename: 'Conflict',
      message: expect.stringContaining('is not responding'),
    });
    expect(machine.status).toBe('notcreated');
  });

  it('400: FAILURE in an envelope, as the sandbox can be told to answer', async () => {
    const gateway = await aGateway({ faults: ['danube.vm=400'] });
    const { data } = await gateway.run(
      'mutation { deployVirtualMachine(input: { hostname: "any.lan" }) { __typename ... on Failure { message } } }',
    );
    expect(data.deployVirtualMachine).toEqual({
      __typename: 'Conflict',
      message: expect.stringContaining('The sandbox was told to answer with 400.'),
    });
  });

  it('428: the owner of a zone has no key', async () => {
    const { world, run, machine } = await aScene({ status: 'notcreated', ostype: 6 });
    machine.owner = world.users.find(({ username }) => username === 'stranger') ?? machine.owner;
    const { result } = await run('deployVirtualMachine');
    expect(result).toMatchObject({
      __typename: 'PreconditionFailed',
      message: expect.stringContaining('no SSH keys'),
      confirmationRequired: false,
    });
  });

  it('503: Danube is being updated, which is an error', async () => {
    const { run, world, machine } = await aScene();
    machine.owner = world.users[1] as Machine['owner'];
    world.isUpdating = true;
    const { answer } = await run('startVirtualMachine', {}, { as: 'owner' });
    expect(answer.errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('404: another owner’s machine, for whoever is no administrator', async () => {
    const { world, run, gateway } = await aScene({ status: 'notcreated' });
    const other = world.machines.find(({ owner }) => owner.username !== 'member') as Machine;
    const { result } = await run(
      'deployVirtualMachine',
      { hostname: other.hostname },
      { as: 'member' },
    );
    expect(result.__typename).toBe('NotFound');
    const missing = await run('deployVirtualMachine', { hostname: 'nobody.lan' });
    expect(missing.result.__typename).toBe('NotFound');
    expect(gateway.sandbox.danube.world.tasks.size).toBe(0);
  });

  it('403: an owner who is no administrator', async () => {
    const { world, machine, run } = await aScene();
    machine.owner = world.users.find(({ username }) => username === 'member') ?? machine.owner;
    expect((await run('deleteVirtualMachine', {}, { as: 'member' })).result.__typename).toBe(
      'Forbidden',
    );
    const definition = await run('updateVirtualMachineDefinition', { vcpus: 2 }, { as: 'member' });
    expect(definition.result.__typename).toBe('Forbidden');
  });

  it('400: fields, with the names of the input', async () => {
    const { run } = await aScene();
    const { result } = await run('updateVirtualMachineDefinition', {
      alias: 'x',
      ramMiB: 0,
      owner: 'nobody',
      tags: ['a=b'],
    });
    expect(result.__typename).toBe('InvalidInput');
    expect(result.issues.map(({ path }: { path: string[] }) => path.join('.')).sort()).toEqual([
      'alias',
      'owner',
      'ramMiB',
      'tags',
    ]);
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['neither hostname nor uuid', { hostname: null }, ['hostname']],
    ['both', { uuid: 'a'.repeat(32) }, ['hostname']],
    ['what is no hostname', { hostname: '../etc' }, ['hostname']],
    ['what is no datacenter', { datacenter: 'a/b' }, ['datacenter']],
  ])('of %s come before anything is sent', async (_name, input, paths) => {
    const { run } = await aScene();
    const { result, danube } = await run('deployVirtualMachine', input);
    expect(result.issues.map(({ path }: { path: string[] }) => path.join('.'))).toEqual(paths);
    expect(danube).toEqual([]);
  });

  it('of a node without force comes before anything is sent', async () => {
    const { run } = await aScene();
    const { result, danube } = await run('updateVirtualMachine', { node: 'cn02.local' });
    expect(result.issues).toEqual([{ path: ['node'], message: 'must be used with force' }]);
    expect(danube).toEqual([]);
  });

  it('of every fault at once', async () => {
    const { run } = await aScene();
    const { result } = await run(
      'stopVirtualMachine',
      { hostname: '', timeoutSeconds: 0, datacenter: '' },
      { wait: { timeoutSeconds: 601 } },
    );
    expect(result.issues.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
      'hostname',
      'datacenter',
      'timeoutSeconds',
      'wait.timeoutSeconds',
    ]);
  });
});

describe('What is no answer', () => {
  const answering = (status: number, body: string): Fault => ({
    kind: 'answer',
    answer: { status, body, headers: { 'content-type': 'application/json', 'retry-after': '4' } },
  });

  it.each<[string, Fault, Record<string, unknown>]>([
    [
      '429',
      answering(429, '{"detail":"Throttled."}'),
      { code: 'RATE_LIMITED', retryAfterSeconds: 4 },
    ],
    ['500', answering(500, 'Server Error'), { code: 'UPSTREAM_FAILED' }],
    [
      '503 of its own',
      answering(503, '{"detail":"System update in progress"}'),
      { code: 'UPSTREAM_UNAVAILABLE' },
    ],
    [
      '403 without a credential',
      answering(403, '{"detail":"Invalid API key"}'),
      { code: 'UNAUTHENTICATED' },
    ],
  ])('is an error: %s', async (_name, fault, extensions) => {
    const { gateway, run } = await aScene();
    gateway.sandbox.danube.server.inject({ fault, when: ({ method }) => method !== 'GET' });
    const { answer, writes } = await run('startVirtualMachine');
    expect(answer.errors?.[0]?.extensions).toEqual({ ...extensions, upstream: 'danube' });
    expect(writes).toHaveLength(1);
  });

  it.each<[string, Fault]>([
    ['a reset', { kind: 'reset' }],
    ['half an answer', { kind: 'truncate', share: 0.5 }],
    ['502 from before it', answering(502, '<h1>Bad</h1>')],
    ['504 from before it', answering(504, '')],
    ['200 with HTML', answering(200, '<h1>Hello</h1>')],
  ])('leaves the outcome unknown, with a query that tells it: %s', async (_name, fault) => {
    const { gateway, machine, run } = await aScene();
    gateway.sandbox.danube.server.inject({
      fault,
      when: ({ method }) => method !== 'GET',
      times: 1,
    });
    const { result, writes } = await run('startVirtualMachine');
    expect(result.__typename).toBe('OutcomeUnknown');
    expect(writes).toHaveLength(1);
    const check = await gateway.run(result.checkWith);
    expect(check.errors).toBeUndefined();
    expect(check.data.virtualMachine.status).toBe(machine.status.toUpperCase());
  });
});
