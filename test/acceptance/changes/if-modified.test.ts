/** Changing only what is as the caller last saw it. */

import { describe, expect, it } from 'vitest';
import { isLater } from '../../../src/session/unmodified.ts';
import { aGateway } from '../../a-gateway.ts';
import { givenTo, mutations, noUuid, plain, sceneIn } from './mutations.ts';

const guarded = [
  'updateSecurityGroup',
  'replaceSecurityGroup',
  'setSecurityGroupRules',
  'addSecurityGroupRules',
  'removeSecurityGroupRules',
  'updateAllocation',
  'replaceAllocation',
  'setAllocationLimits',
];
const cases = mutations.filter(({ name }) => guarded.includes(name));

async function aScene() {
  const gateway = await aGateway();
  const scene = sceneIn(gateway.sandbox);
  const run = async (
    mutation: (typeof cases)[number],
    ifModified: string | null,
    { input = mutation.input(scene), shown = '... on SecurityGroup { rules { ruleId } }' } = {},
  ) => {
    const title = `${mutation.name.charAt(0).toUpperCase()}${mutation.name.slice(1)}`;
    const made = await gateway.calls(
      `mutation M($given: ${mutation.inputType}!, $ifModified: DateTime) {
        result: ${mutation.name}(input: $given, ifModified: $ifModified) {
          __typename
          ... on ${title}Success { ${mutation.noun} { uuid } }
          ... on Failure { code message }
          ... on Conflict { allowedStates current { uuid name modified state ${shown} } }
        }
      }`,
      { variables: { given: givenTo(mutation, input), ifModified } },
    );
    const writes = made.waldur.filter(({ method }) => method !== 'GET');
    return { ...made, writes, result: made.answer.data?.result };
  };
  return { gateway, scene, run };
}

it('there are eight that can depend on it', () => {
  expect(cases).toHaveLength(8);
});

describe.each(cases)('$name', (mutation) => {
  it('is made when nothing was modified since, after one look', async () => {
    const { scene, run } = await aScene();
    const { result, writes, waldur } = await run(mutation, `${scene[mutation.noun].modified}Z`);
    expect(result[mutation.noun]).toEqual({ uuid: scene[mutation.noun].uuid });
    expect(writes).toHaveLength(1);
    expect(waldur.map(({ method }) => method)).toEqual(['GET', writes[0]?.method]);
  });

  it('is a Conflict with the noun as it is now when it was, after the same look alone', async () => {
    const { gateway, scene, run } = await aScene();
    const row = scene[mutation.noun];
    const seen = `${row.modified}Z`;
    // A change of one microsecond.
    row.modified = row.modified.replace(/(\.\d{6})?$/, (digits) =>
      digits === '' ? '.000001' : `.${String(Number(digits.slice(1)) + 1).padStart(6, '0')}`,
    );
    row.name = 'renamed-meanwhile';
    const before = plain(row);
    const { answer, result, waldur, writes } = await run(mutation, seen);
    expect(answer.errors).toBeUndefined();
    expect(result).toMatchObject({
      __typename: 'Conflict',
      code: 'CONFLICT',
      message: 'It was modified since it was last seen; nothing was changed.',
      allowedStates: [],
      current: {
        uuid: row.uuid,
        name: 'renamed-meanwhile',
        modified: `${row.modified}Z`,
        ...(mutation.noun === 'securityGroup'
          ? { rules: scene.before.map(({ id }) => ({ ruleId: id })) }
          : {}),
      },
    });
    expect(writes).toEqual([]);
    expect(waldur).toHaveLength(1);
    expect(plain(row)).toEqual(before);
    const line = gateway.logged.findLast((one) => one.includes('"operation"')) ?? '{}';
    expect(JSON.parse(line)).not.toHaveProperty('topUps');
  });

  it('is made whatever is there when it is null', async () => {
    const { run } = await aScene();
    const { result, writes } = await run(mutation, null);
    expect(result.__typename).toMatch(/Success$/);
    expect(writes).toHaveLength(1);
  });

  it('is NotFound when it is gone', async () => {
    const { scene, run } = await aScene();
    const input = { ...mutation.input(scene), uuid: noUuid };
    const { result, writes } = await run(mutation, '2026-01-01T00:00:00Z', { input });
    expect(result).toMatchObject({ __typename: 'NotFound' });
    expect(writes).toEqual([]);
  });

  it('sends nothing when the look fails', async () => {
    const { gateway, scene, run } = await aScene();
    gateway.sandbox.waldur.server.inject({
      fault: { kind: 'answer', answer: { status: 500, body: 'no' } },
      when: ({ method }) => method === 'GET',
    });
    const { answer, writes } = await run(mutation, `${scene[mutation.noun].modified}Z`);
    expect(answer.errors).toMatchObject([
      { path: ['result'], extensions: { code: 'UPSTREAM_FAILED', upstream: 'waldur' } },
    ]);
    expect(writes).toEqual([]);
  });
});

it('is looked at in a dry run, too', async () => {
  const { gateway, scene } = await aScene();
  const { data } = await gateway.run(
    `mutation {
      result: setSecurityGroupRules(
        input: { uuid: "${scene.securityGroup.uuid}", rules: [] }, dryRun: true, ifModified: "2020-01-01T00:00:00Z"
      ) { __typename ... on Conflict { current { name } } }
    }`,
  );
  expect(data.result).toEqual({ __typename: 'Conflict', current: { name: 'web' } });
});

it('no look is shared with one that was sent before: it may show what was before', async () => {
  const { gateway, scene } = await aScene();
  const { allocation } = scene;
  const seen = `${allocation.modified}Z`;
  const change = (description: string) =>
    gateway.run(
      `mutation M($input: UpdateAllocationInput!, $ifModified: DateTime) {
        result: updateAllocation(input: $input, ifModified: $ifModified) { __typename }
      }`,
      { variables: { input: { uuid: allocation.uuid, description }, ifModified: seen } },
    );
  const held = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  gateway.sandbox.waldur.server.inject({
    fault: { kind: 'hold', until: held.promise },
    times: 1,
    when: ({ method }) => {
      queueMicrotask(arrived.resolve);
      return method === 'GET';
    },
  });
  const first = change('the first');
  await arrived.promise;
  allocation.description = 'by somebody else';
  allocation.modified = '2026-11-21T12:00:00.000001';
  const { data } = await change('the second');
  expect(data.result.__typename).toBe('Conflict');
  expect(allocation.description).toBe('by somebody else');
  held.resolve();
  await first;
});

describe('Conflict.current', () => {
  it('is null for a state that does not allow it', async () => {
    const { scene, run } = await aScene();
    scene.securityGroup.state = 'UPDATING';
    const [update] = cases;
    const { result } = await run(update as (typeof cases)[number], null);
    expect(result).toMatchObject({ __typename: 'Conflict', allowedStates: ['OK'], current: null });
  });

  it('leads on to what is beyond the row', async () => {
    const { run } = await aScene();
    const [update] = cases;
    const shown = 'project { name customer { email } } ... on SecurityGroup { tenant { name } }';
    const { answer, result } = await run(
      update as (typeof cases)[number],
      '2020-01-01T00:00:00+02:00',
      { shown },
    );
    expect(answer.errors).toBeUndefined();
    expect(result.current).toMatchObject({
      project: { customer: { email: expect.any(String) } },
      tenant: { name: expect.any(String) },
    });
  });
});

describe('An instant', () => {
  it.each([
    ['2026-01-01T00:00:00.000002Z', '2026-01-01T00:00:00.000001Z', true],
    ['2026-01-01T00:00:00.000001Z', '2026-01-01T00:00:00.000001Z', false],
    ['2026-01-01T00:00:00.1Z', '2026-01-01T00:00:00.100000Z', false],
    ['2026-01-01T00:00:00.12Z', '2026-01-01T00:00:00.1Z', true],
    ['2026-01-01T00:00:00.09Z', '2026-01-01T00:00:00.1Z', false],
    ['2026-01-01T00:00:01Z', '2026-01-01T00:00:00.999999Z', true],
    ['2026-01-01T02:00:00.5+02:00', '2026-01-01T00:00:00.5Z', false],
    ['2026-01-01T01:00:00.000001+01:00', '2026-01-01T00:00:00Z', true],
  ])('%s is later than %s: %s', (one, other, expected) => {
    expect(isLater(one, other)).toBe(expected);
  });
});
