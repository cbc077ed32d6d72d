/** A gateway on a sandbox whose time passes with readings alone, and the changes of several steps. */

import { openClock } from '../../../src/sandbox/clock.ts';
import type { ReceivedCall } from '../../../src/sandbox/server.ts';
import { aGateway, type RunOptions } from '../../a-gateway.ts';

const pace = { POLL_FIRST_MS: '2', POLL_LEAST_MS: '1', POLL_MOST_MS: '3' };
export const hostname = 'fresh01.lan';
export const project = '1'.repeat(32);

export const whole = {
  hostname,
  vcpus: 2,
  ramMiB: 2048,
  note: 'for the workshop',
  tags: ['env:test'],
  mdata: { role: 'web' },
  disks: [{ image: 'base-64', sizeMiB: 20_480 }, { sizeMiB: 1_024 }],
  nics: [{ net: 'lan' }, { net: 'admin', model: 'E1000' }],
  project,
};

interface Options extends RunOptions {
  readonly wait?: object;
}

/** @param stepMs - so much sandbox time passes with each reading after a change, and none beside */
export async function aRecipe(stepMs = 1_000, env: Readonly<Record<string, string>> = {}) {
  const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
  const gateway = await aGateway({ clock, env: { ...pace, ...env } });
  const { world, server } = gateway.sandbox.danube;
  let hasWritten = false;
  server.inject({
    fault: { kind: 'delay', delayMs: 0 },
    when: ({ method }) => {
      if (hasWritten && method === 'GET') {
        clock.advance(stepMs);
      }
      hasWritten ||= method !== 'GET';
      return false;
    },
  });
  const run = async (mutation: 'create' | 'destroy', input: object, options: Options = {}) => {
    const title = `${mutation === 'create' ? 'Create' : 'Destroy'}VirtualMachine`;
    const { wait, ...rest } = options;
    const made = await gateway.calls(
      `mutation M($input: ${title}Input!, $wait: WaitInput) {
        result: ${mutation}VirtualMachine(input: $input, wait: $wait) {
          __typename
          ... on ${title}Success {
            virtualMachine { hostname status alias vcpus diskMiB ips tags project { uuid } }
            settled
            task { status message }
          }
          ... on Failure { code message recipe { step number left { kind number } } }
          ... on InvalidInput { issues { path message } }
          ... on PreconditionFailed { confirmationRequired }
          ... on OutcomeUnknown { checkWith }
        }
      }`,
      { ...rest, variables: { input, ...(wait === undefined ? {} : { wait }) } },
    );
    const writes = made.danube.filter(({ method }) => method !== 'GET');
    return { ...made, result: made.answer.data?.result, writes, sent: linesOf(writes) };
  };
  /** Changes that Danube was asked for since the last run began. */
  const sentSoFar = () => linesOf(server.calls.filter(({ method }) => method !== 'GET'));
  const machine = (name = hostname) => world.machines.find((one) => one.hostname === name);
  return { gateway, world, server, clock, run, sentSoFar, machine };
}

function linesOf(calls: readonly ReceivedCall[]): string[] {
  return calls.map(({ method, path }) => `${method} ${path.replace('/api/vm/', '')}`);
}

/** What creating `whole` sends. */
export const stepsOf = (name = hostname) => [
  `POST ${name}/define/`,
  `POST ${name}/define/disk/1/`,
  `POST ${name}/define/disk/2/`,
  `POST ${name}/define/nic/1/`,
  `POST ${name}/define/nic/2/`,
  `POST ${name}/`,
];
