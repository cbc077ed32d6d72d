/** What holds for each mutation on Waldur's resources. */

import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/sandbox/server.ts';
import { aGateway, type RunOptions } from '../../a-gateway.ts';
import {
  documentFor,
  fingerprints,
  givenTo,
  type MutationCase,
  mutations,
  noUuid,
  plain,
  type Scene,
  sceneIn,
} from './mutations.ts';

async function aScene() {
  const gateway = await aGateway();
  const scene = sceneIn(gateway.sandbox);
  const run = async (
    mutation: MutationCase,
    options: RunOptions & { readonly input?: Readonly<Record<string, unknown>> } = {},
  ) => {
    const given = givenTo(mutation, options.input ?? mutation.input(scene));
    const made = await gateway.calls(documentFor(mutation), {
      ...options,
      variables: { given, ...options.variables },
    });
    const writes = made.waldur.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
    return { ...made, result: made.answer.data?.result, writes };
  };
  return { gateway, scene, run };
}

/** Rows that are otherwise than before, gone, or new. */
function differences(scene: Scene, before: ReadonlyMap<string, string>): string[] {
  const after = fingerprints(scene);
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].filter((uuid) => before.get(uuid) !== after.get(uuid));
}

const successOf = ({ name }: MutationCase) =>
  `${name.charAt(0).toUpperCase()}${name.slice(1)}Success`;

/** The uuid that leads to what is to be changed, and how to write another in its place. */
function elsewhere(mutation: MutationCase, scene: Scene, uuid: string) {
  const input = mutation.input(scene);
  if (mutation.name === 'createAllocation') {
    return { ...input, project: uuid };
  }
  return mutation.creates === true ? { ...input, tenant: uuid } : { ...input, uuid };
}

it('are 26', () => {
  expect(new Set(mutations.map(({ name }) => name)).size).toBe(26);
});

describe.each(mutations)('$name', (mutation) => {
  const { noun, changes, creates = false, isStaffOnly = false, states, settles } = mutation;

  it('sends one write and changes what it is for, and nothing beside it', async () => {
    const { scene, run } = await aScene();
    const before = fingerprints(scene);
    const wasBefore = plain(scene[noun]);
    const { answer, result, writes } = await run(mutation);
    expect(answer.errors).toBeUndefined();
    expect(result.__typename).toBe(successOf(mutation));
    const { method, path, body } = mutation.sends(scene);
    const [write] = writes;
    expect(writes).toHaveLength(1);
    expect({ method: write?.method, path: write?.path }).toEqual({ method, path });
    expect(write?.query.size).toBe(0);
    if (body === undefined) {
      expect(write?.body).toBe('');
    } else {
      // A number of 64 bits arrives with all its digits.
      const digits = write?.body.replaceAll(/:(\d{16,})/g, ':"$1"') ?? '';
      expect(JSON.parse(digits)).toEqual(body);
      expect(write?.headers['content-type']).toBe('application/json');
    }

    const [changed, ...more] = differences(scene, before);
    expect(more).toEqual([]);
    const { world } = scene.sandbox.waldur;
    const row = world[`${noun}s`].find(({ uuid }) => uuid === changed);
    if (changes === 'removed') {
      expect(row).toBeUndefined();
      expect(result.uuid).toBe(changed);
    } else {
      expect(plain(row as object)).toMatchObject(changes);
      expect(result[noun]).toEqual({ uuid: changed, name: row?.name, state: row?.state });
      if (!creates) {
        const now = plain(row as object);
        const others = Object.keys(now).filter(
          (key) => !isDeepStrictEqual(now[key], wasBefore[key]),
        );
        const meant = [...Object.keys(changes), ...(mutation.touches ?? []), 'modified'];
        expect(meant).toEqual(expect.arrayContaining(others));
      }
    }
    expect(result.settled).toBe(settles ? false : undefined);
  });

  it('is Forbidden for a caller without the right, and changes nothing', async () => {
    const { scene, run } = await aScene();
    const before = fingerprints(scene);
    const { result, writes } = await run(mutation, { as: 'member' });
    expect(result).toMatchObject({ __typename: 'Forbidden', code: 'FORBIDDEN' });
    expect(writes).toHaveLength(1);
    expect(differences(scene, before)).toEqual([]);
  });

  it('does not tell what is hidden from what is not there', async () => {
    const { scene, run } = await aScene();
    const hidden = await run(mutation, { as: 'stranger' });
    const missing = await run(mutation, {
      as: 'stranger',
      input: elsewhere(mutation, scene, noUuid),
    });
    expect(hidden.result).toEqual(missing.result);
    const expected = isStaffOnly
      ? 'Forbidden'
      : mutation.name === 'createAllocation'
        ? 'InvalidInput'
        : 'NotFound';
    expect(hidden.result.__typename).toBe(expected);
  });

  it('is NotFound, or about the input, where there is nothing', async () => {
    const { scene, run } = await aScene();
    const before = fingerprints(scene);
    const { result } = await run(mutation, { input: elsewhere(mutation, scene, noUuid) });
    expect(result).toMatchObject(
      mutation.name === 'createAllocation'
        ? { __typename: 'InvalidInput', issues: [{ path: ['project'] }] }
        : { __typename: 'NotFound', code: 'NOT_FOUND' },
    );
    expect(differences(scene, before)).toEqual([]);
  });

  it('is an error with the path for a uuid that is none, and sends nothing', async () => {
    const { scene, run } = await aScene();
    const { answer, waldur } = await run(mutation, { input: elsewhere(mutation, scene, 'nope') });
    expect(answer.data).toBeUndefined();
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(waldur).toEqual([]);
  });

  it('is UNAUTHENTICATED, as an error, without a right credential', async () => {
    const { run } = await aScene();
    const { answer } = await run(mutation, { headers: { authorization: 'Token wrong' } });
    expect(answer.errors?.[0]).toMatchObject({
      path: ['result'],
      extensions: { code: 'UNAUTHENTICATED', upstream: 'waldur' },
    });
    expect(answer.data.result).toBeNull();
  });

  if (states !== undefined) {
    it('is a Conflict that names the states in which it would be allowed', async () => {
      const { scene, run } = await aScene();
      (creates ? scene.tenant : scene[noun]).state = 'UPDATING';
      const before = fingerprints(scene);
      const { result } = await run(mutation);
      expect(result).toMatchObject({
        __typename: 'Conflict',
        code: 'CONFLICT',
        allowedStates: states,
      });
      expect(differences(scene, before)).toEqual([]);
    });
  }

  if (settles) {
    it.each([0, 601])('refuses a wait of %i seconds before anything is sent', async (seconds) => {
      const { run } = await aScene();
      const { result, waldur } = await run(mutation, {
        variables: { wait: { timeoutSeconds: seconds } },
      });
      expect(result).toMatchObject({
        __typename: 'InvalidInput',
        issues: [{ path: ['wait', 'timeoutSeconds'] }],
      });
      expect(waldur).toEqual([]);
    });
  }

  const answering = (status: number, body: string, type = 'application/json'): Fault => ({
    kind: 'answer',
    answer: { status, body, headers: { 'content-type': type, 'retry-after': '3' } },
  });

  it.each([
    [400, 'InvalidInput'],
    [409, 'Conflict'],
    [423, 'Conflict'],
    [412, 'PreconditionFailed'],
    [417, 'PreconditionFailed'],
    [424, 'PreconditionFailed'],
    [428, 'PreconditionFailed'],
    [502, 'OutcomeUnknown'],
    [503, 'OutcomeUnknown'],
    [504, 'OutcomeUnknown'],
  ])('gives for the status %i the type %s, and sends nothing again', async (status, type) => {
    const { scene, run } = await aScene();
    const body = status < 500 ? '{"detail":"Because."}' : '<h1>Bad</h1>';
    scene.sandbox.waldur.server.inject({
      fault: answering(status, body, status < 500 ? 'application/json' : 'text/html'),
      when: ({ method }) => method !== 'GET',
    });
    const { result, writes } = await run(mutation);
    expect(result.__typename).toBe(type);
    expect(writes).toHaveLength(1);
  });

  it.each([
    [answering(429, '{"detail":"Slow."}'), { code: 'RATE_LIMITED', retryAfterSeconds: 3 }],
    [answering(500, '<h1>Error</h1>', 'text/html'), { code: 'UPSTREAM_FAILED' }],
    [answering(302, ''), { code: 'UPSTREAM_FAILED' }],
  ])('is an error for an answer that is none: %o', async (fault, extensions) => {
    const { scene, run } = await aScene();
    scene.sandbox.waldur.server.inject({ fault, when: ({ method }) => method !== 'GET' });
    const { answer, writes } = await run(mutation);
    expect(answer.errors).toMatchObject([
      { path: ['result'], extensions: { ...extensions, upstream: 'waldur' } },
    ]);
    expect(writes).toHaveLength(1);
  });

  it.each<[string, Fault]>([
    ['a connection that breaks', { kind: 'reset' }],
    ['an acceptance that is a page', answering(200, '<h1>Log in</h1>', 'text/html')],
    ['an acceptance that is cut short', answering(201, '{"uuid": "5')],
  ])(
    'says after %s how to find out what became of it, in a query that runs',
    async (_why, fault) => {
      const { gateway, scene, run } = await aScene();
      scene.sandbox.waldur.server.inject({ fault, when: ({ method }) => method !== 'GET' });
      const { result } = await run(mutation);
      expect(result).toMatchObject({ __typename: 'OutcomeUnknown', code: 'OUTCOME_UNKNOWN' });
      const check = await gateway.run(result.checkWith);
      expect(check.errors).toBeUndefined();
      if (!creates) {
        expect(check.data[noun]).toMatchObject({ state: 'OK' });
      }
    },
  );
});

describe('The limits of an allocation', () => {
  it('are a Conflict in the wrong state, also where they would stay the same', async () => {
    const { scene, run } = await aScene();
    const mutation = mutations.find(({ name }) => name === 'setAllocationLimits') as MutationCase;
    Object.assign(scene.allocation, { state: 'UPDATING', nodeLimit: -1n });
    const { result } = await run(mutation);
    expect(result).toMatchObject({ __typename: 'Conflict', allowedStates: mutation.states });
  });
});
