/** Changes whose clients do not wait for their end. */

import { describe, expect, it } from 'vitest';
import type { ReceivedCall, SimulatedServer } from '../../../src/sandbox/server.ts';
import { aGateway, type TestGateway } from '../../a-gateway.ts';
import { aRecipe, hostname, whole } from './a-recipe.ts';
import { sceneIn } from './mutations.ts';

/**
 * Asks as a client that leaves while a cloud holds its answer to the first call of this kind.
 *
 * @returns has the cloud answer
 */
async function leftDuring(
  gateway: TestGateway,
  server: SimulatedServer,
  when: (call: ReceivedCall) => boolean,
  ask: (signal: AbortSignal) => Promise<unknown>,
): Promise<() => void> {
  const leaving = new AbortController();
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  server.inject({
    fault: { kind: 'hold', until: left.promise },
    times: 1,
    when: (call) => {
      if (when(call)) {
        arrived.resolve();
      }
      return when(call);
    },
  });
  const answer = ask(leaving.signal);
  await arrived.promise;
  leaving.abort();
  await expect(answer).rejects.toThrow();
  // Another request has come and gone: by now the gateway knows.
  await gateway.run('{ viewer { username } }');
  return left.resolve;
}

const isLook = ({ path }: ReceivedCall) => /^\/api\/task\/.+\/status\/$/.test(path);
const isTo = (wanted: string, path: string) => (call: ReceivedCall) =>
  call.method === wanted && call.path.endsWith(path);
/** What the log says of the mutation at its end. */
const ended = ({ logged }: TestGateway, mutation: string) =>
  expect.poll(() => logged.find((line) => line.includes(`"outcomes":["${mutation}`)));

describe('A client that leaves', () => {
  it('does not keep its machine from being made, whatever has to be read between the steps', async () => {
    const { gateway, server, run, machine } = await aRecipe();
    const input = {
      ...whole,
      template: 'small-web',
      disks: [{ sizeMiB: 20_480 }],
      nics: [{ net: 'lan' }],
    };
    const letGo = await leftDuring(gateway, server, isTo('POST', '/define/'), (signal) =>
      run('create', input, { signal }),
    );
    letGo();
    await ended(gateway, 'createVirtualMachine').toContain('createVirtualMachine: success');
    expect(machine()).toMatchObject({ status: 'deploying', nics: { length: 1 } });
  });

  it('does not keep a machine from being destroyed', async () => {
    const { gateway, server, run, machine } = await aRecipe();
    await run('create', whole, { wait: {} });
    const letGo = await leftDuring(gateway, server, isTo('PUT', '/status/stop/'), (signal) =>
      run('destroy', { hostname, confirm: true }, { signal }),
    );
    letGo();
    await ended(gateway, 'destroyVirtualMachine').toContain('destroyVirtualMachine: success');
    expect(machine()).toBeUndefined();
  });

  it('does not stop a change that is looked at first', async () => {
    const gateway = await aGateway();
    const { server } = gateway.sandbox.waldur;
    const { allocation } = sceneIn(gateway.sandbox);
    const letGo = await leftDuring(gateway, server, isTo('GET', `/${allocation.uuid}/`), (signal) =>
      gateway.run(
        `mutation { updateAllocation(input: { uuid: "${allocation.uuid}", name: "after" },
          ifModified: "2100-01-01T00:00:00Z") { __typename } }`,
        { signal },
      ),
    );
    letGo();
    await ended(gateway, 'updateAllocation').toContain('updateAllocation: success');
    expect(allocation.name).toBe('after');
  });

  it('ends the waiting for a task', async () => {
    const { gateway, server, run, machine } = await aRecipe(0);
    const letGo = await leftDuring(gateway, server, isLook, (signal) =>
      run('create', whole, { wait: {}, signal }),
    );
    letGo();
    await ended(gateway, 'createVirtualMachine').toContain('createVirtualMachine: success');
    expect(server.calls.filter(isLook)).toHaveLength(1);
    expect(machine()?.status).toBe('deploying');
  });
});

describe('A gateway that closes', () => {
  const isWrite = ({ method }: ReceivedCall) => method !== 'GET';
  const isClosed = ({ url }: TestGateway) =>
    expect
      .poll(() =>
        fetch(url).then(
          () => false,
          () => true,
        ),
      )
      .toBe(true);

  it('carries out what a client has left behind', async () => {
    const { gateway, server, run, machine } = await aRecipe();
    const letGo = await leftDuring(gateway, server, isTo('POST', '/define/'), (signal) =>
      run('create', whole, { signal }),
    );
    // Each step takes longer than the closing of all else.
    server.inject({ fault: { kind: 'delay', delayMs: 60 }, when: isWrite });
    const closing = gateway[Symbol.asyncDispose]();
    await isClosed(gateway);
    letGo();
    await closing;
    expect(machine()).toMatchObject({ status: 'deploying', nics: { length: 2 } });
  });

  it('says in its log what it had no time for, and what is left', async () => {
    const { gateway, server, run, machine } = await aRecipe(0, { SHUTDOWN_GRACE_MS: '50' });
    const letGo = await leftDuring(gateway, server, isTo('POST', '/disk/1/'), (signal) =>
      run('create', whole, { signal, headers: { 'x-request-id': 'too-late' } }),
    );
    const closing = gateway[Symbol.asyncDispose]();
    await expect
      .poll(() => gateway.logged.find((line) => line.includes('the grace is over')))
      .toContain('"requestIds":["too-late"]');
    letGo();
    await closing;
    await ended(gateway, 'createVirtualMachine').toContain(
      'createVirtualMachine: failed at DISK 2, left: DEFINITION, DISK 1',
    );
    expect(machine()).toMatchObject({ status: 'notcreated', disks: { length: 1 } });
  });

  it('does not go on waiting for a task when its grace is over', async () => {
    const { gateway, server, run } = await aRecipe(0, { SHUTDOWN_GRACE_MS: '50' });
    await run('create', { ...whole, deploy: false });
    const [machine] = gateway.sandbox.danube.world.machines.slice(-1);
    Object.assign(machine ?? {}, { status: 'running' });
    const letGo = await leftDuring(gateway, server, isLook, (signal) =>
      run('destroy', { hostname, confirm: true }, { signal }),
    );
    letGo();
    await gateway[Symbol.asyncDispose]();
    await ended(gateway, 'destroyVirtualMachine').toBeDefined();
  });
});
