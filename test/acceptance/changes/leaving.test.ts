/** Changes whose clients do not wait for their end. */

import { describe, expect, it } from 'vitest';
import type { ReceivedCall, SimulatedServer } from '../../../src/sandbox/server.ts';
import { aGateway, type TestGateway } from '../../a-gateway.ts';
import { aRecipe, hostname, whole } from './a-recipe.ts';
import { sceneIn } from './mutations.ts';

/** Asks as a client that leaves while a cloud answers the first call of this kind. */
async function leftDuring(
  gateway: TestGateway,
  server: SimulatedServer,
  when: (call: ReceivedCall) => boolean,
  ask: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
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
  left.resolve();
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
    await leftDuring(gateway, server, isTo('POST', '/define/'), (signal) =>
      run('create', input, { signal }),
    );
    await ended(gateway, 'createVirtualMachine').toContain('createVirtualMachine: success');
    expect(machine()).toMatchObject({ status: 'deploying', nics: { length: 1 } });
  });

  it('does not keep a machine from being destroyed', async () => {
    const { gateway, server, run, machine } = await aRecipe();
    await run('create', whole, { wait: {} });
    await leftDuring(gateway, server, isTo('PUT', '/status/stop/'), (signal) =>
      run('destroy', { hostname, confirm: true }, { signal }),
    );
    await ended(gateway, 'destroyVirtualMachine').toContain('destroyVirtualMachine: success');
    expect(machine()).toBeUndefined();
  });

  it('does not stop a change that is looked at first', async () => {
    const gateway = await aGateway();
    const { server } = gateway.sandbox.waldur;
    const { allocation } = sceneIn(gateway.sandbox);
    await leftDuring(gateway, server, isTo('GET', `/${allocation.uuid}/`), (signal) =>
      gateway.run(
        `mutation { updateAllocation(input: { uuid: "${allocation.uuid}", name: "after" },
          ifModified: "2100-01-01T00:00:00Z") { __typename } }`,
        { signal },
      ),
    );
    await ended(gateway, 'updateAllocation').toContain('updateAllocation: success');
    expect(allocation.name).toBe('after');
  });

  it('ends the waiting for a task', async () => {
    const { gateway, server, run, machine } = await aRecipe(0);
    await leftDuring(gateway, server, isLook, (signal) =>
      run('create', whole, { wait: {}, signal }),
    );
    await ended(gateway, 'createVirtualMachine').toContain('createVirtualMachine: success');
    expect(server.calls.filter(isLook)).toHaveLength(1);
    expect(machine()?.status).toBe('deploying');
  });
});
