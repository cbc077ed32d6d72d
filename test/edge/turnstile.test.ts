/** Requests in a process that is busy, and in one that waits. */

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Load } from '../../src/edge/load.ts';
import { Turnstile } from '../../src/edge/turnstile.ts';
import { aGateway } from '../a-gateway.ts';

const aTurn = () => new Promise((resolve) => void setImmediate(resolve));

/** A turnstile in a process whose turns take so long, with so many who want to enter, each for itself. */
function aTurnstile(turnMs: number, wanting: number) {
  let nowMs = 0;
  const turnstile = new Turnstile(() => nowMs);
  const entered: number[] = [];
  for (let one = 0; one < wanting; one += 1) {
    turnstile.enter(one, () => entered.push(one));
  }
  const next = async () => {
    nowMs += turnMs;
    await aTurn();
    return entered.length;
  };
  return { turnstile, entered, next };
}

describe('A busy process', () => {
  it('lets sixteen in at once, and two more in each turn', async () => {
    const { entered, next } = aTurnstile(5, 21);
    expect(entered).toHaveLength(16);
    expect(await next()).toBe(18);
    expect(await next()).toBe(20);
    expect(await next()).toBe(21);
    expect(entered).toEqual([...entered].sort((one, other) => one - other));
  });

  it('lets others in for those who have left', async () => {
    const { turnstile, next } = aTurnstile(5, 40);
    for (let left = 0; left < 10; left += 1) {
      turnstile.leave(left);
    }
    expect(await next()).toBe(26);
  });

  it('keeps nobody waiting who comes when all have left', async () => {
    const { turnstile, next } = aTurnstile(5, 18);
    expect(turnstile.waitMs).toBe(0);
    expect(await next()).toBe(18);
    for (let left = 0; left < 18; left += 1) {
      turnstile.leave(left);
    }
    await next();
    const begin = vi.fn();
    turnstile.enter('another', begin);
    expect(begin).toHaveBeenCalledOnce();
  });

  it('lets in at once who asks for what is under way, and those who wait for the same together', async () => {
    const { turnstile, entered, next } = aTurnstile(5, 20);
    turnstile.enter(3, () => entered.push(3));
    expect(entered.slice(16)).toEqual([3]);
    turnstile.enter(16, () => entered.push(16));
    expect(entered.slice(16)).toEqual([3]);
    expect(await next()).toBe(20);
    expect(entered.slice(16)).toEqual([3, 16, 16, 17]);
    turnstile.enter(16, () => entered.push(16));
    expect(entered.slice(16)).toEqual([3, 16, 16, 17, 16]);
    // Only the last of them makes room.
    turnstile.leave(3);
    expect(await next()).toBe(23);
  });

  it('tells how long the first has waited', async () => {
    const { turnstile, next } = aTurnstile(5, 21);
    await next();
    await next();
    expect(turnstile.waitMs).toBe(10);
    await next();
    expect(turnstile.waitMs).toBe(0);
  });
});

it('waiting for the process counts as its being late', async () => {
  const load = new Load(20, () => 500);
  onTestFinished(() => load.stop());
  expect(load.isTooHigh()).toBe(false);
  await expect.poll(() => load.isTooHigh()).toBe(true);
  expect(load.lagMs).toBeGreaterThanOrEqual(50);
});

it('lets eight in with each turn in which there is nothing to do', async () => {
  const { next } = aTurnstile(0.1, 40);
  expect(await next()).toBe(24);
  expect(await next()).toBe(32);
});

it('does not hold requests back while others wait for their clouds', async () => {
  const gateway = await aGateway();
  const held = Promise.withResolvers<void>();
  const { server } = gateway.sandbox.waldur;
  server.inject({ fault: { kind: 'hold', until: held.promise } });
  // Each asks as somebody else, so that nothing is shared and no lane is full.
  const asked = Array.from({ length: 60 }, (_, one) =>
    gateway.run('{ projects { totalCount } }', { headers: { authorization: `Token ${one}` } }),
  );
  await expect.poll(() => server.calls.length).toBe(60);
  held.resolve();
  await Promise.all(asked);
});
