/** What a caller has read of customers, projects and tenants, shown again for a while. */

import { describe, expect, it } from 'vitest';
import { Kept } from '../../../src/upstream/http/kept.ts';
import { aGateway } from '../../a-gateway.ts';

const env = { KEEP_OWNERS_MS: '600000' };
const projects = '{ projects(first: 3) { nodes { name customer { email } } } }';
const groups = '{ securityGroups(first: 3) { nodes { uuid name } } }';

describe('Owners that are kept', () => {
  it('are asked for once, by each caller', async () => {
    const gateway = await aGateway({ env });
    const first = await gateway.calls(projects);
    expect(first.lines.length).toBeGreaterThan(0);
    const again = await gateway.calls(projects);
    expect(again.lines).toEqual([]);
    expect(again.answer).toEqual(first.answer);
    expect((await gateway.calls(projects, { as: 'owner' })).lines.length).toBeGreaterThan(0);
  });

  it('are asked for again after any change by their caller, and by nobody else', async () => {
    const gateway = await aGateway({ env });
    const { answer } = await gateway.calls(
      '{ securityGroups(first: 1, filter: { state: [OK] }) { nodes { uuid name } } }',
    );
    const { nodes } = answer.data.securityGroups as { nodes: [{ uuid: string; name: string }] };
    const [{ uuid, name }] = nodes;
    await gateway.run(projects);
    await gateway.run(projects, { as: 'owner' });
    const changed = await gateway.run(
      `mutation { updateSecurityGroup(input: { uuid: "${uuid}", name: "${name} 2" }) { __typename } }`,
    );
    expect(changed.data.updateSecurityGroup).toMatchObject({
      __typename: 'UpdateSecurityGroupSuccess',
    });
    expect((await gateway.calls(projects, { as: 'owner' })).lines).toEqual([]);
    expect((await gateway.calls(projects)).lines.length).toBeGreaterThan(0);
  });

  it('are not kept by themselves, and nothing else is', async () => {
    const keeping = await aGateway({ env });
    await keeping.run(groups);
    expect((await keeping.calls(groups)).lines).toHaveLength(1);
    const plain = await aGateway();
    await plain.run(projects);
    expect((await plain.calls(projects)).lines.length).toBeGreaterThan(0);
  });

  it('that could not be read are asked for again', async () => {
    const gateway = await aGateway({ env: { ...env, UPSTREAM_RETRIES: '0' } });
    gateway.sandbox.waldur.server.inject({
      fault: { kind: 'answer', answer: { status: 500 } },
      times: 1,
    });
    expect((await gateway.run(projects)).errors).toHaveLength(1);
    expect((await gateway.run(projects)).errors).toBeUndefined();
  });

  it('are asked for again when their time is over', async () => {
    const gateway = await aGateway({ env: { KEEP_OWNERS_MS: '40' } });
    await gateway.run(projects);
    await expect
      .poll(async () => (await gateway.calls(projects)).lines.length, { interval: 50 })
      .toBeGreaterThan(0);
  });
});

describe('What is kept', () => {
  const kept = () => new Kept<string>(600_000, ({ length }) => length);

  it('holds no answer of a reading that was begun before a change', () => {
    const answers = kept();
    const before = answers.of('me');
    answers.end('me');
    answers.keep(before, 'a', 'old');
    expect(answers.get(answers.of('me'), 'a')).toBeUndefined();
  });

  it('is bounded, for each answer and for all', () => {
    const answers = kept();
    const mine = answers.of('me');
    answers.keep(mine, 'large', 'x'.repeat(65_537));
    expect(answers.get(mine, 'large')).toBeUndefined();
    const page = 'x'.repeat(65_536);
    for (let index = 0; index <= 256; index += 1) {
      answers.keep(answers.of('me'), String(index), page);
    }
    expect(answers.get(answers.of('me'), '0')).toBeUndefined();
    answers.keep(answers.of('me'), 'next', page);
    expect(answers.get(answers.of('me'), 'next')).toBe(page);
  });

  it('is none the less for what others have kept and keep no more', () => {
    const answers = kept();
    answers.keep(answers.of('other'), 'a', 'answer');
    const page = 'x'.repeat(65_536);
    for (let time = 0; time < 300; time += 1) {
      answers.keep(answers.of('me'), 'ended', page);
      const before = answers.of('me');
      answers.end('me');
      answers.keep(before, 'late', page);
      answers.keep(answers.of('you'), 'the same', page);
    }
    expect(answers.get(answers.of('other'), 'a')).toBe('answer');
  });

  it('remembers no more callers than that, whether or not they were answered', async () => {
    const answers = kept();
    for (let index = 0; index < 25_000; index += 1) {
      answers.of(`nobody ${index}`);
    }
    expect(answers.size).toBeLessThanOrEqual(10_000);
    const passing = new Kept<string>(20, ({ length }) => length);
    passing.of('nobody');
    passing.keep(passing.of('somebody'), 'a', 'answer');
    await expect.poll(() => passing.size).toBe(0);
  });
});
