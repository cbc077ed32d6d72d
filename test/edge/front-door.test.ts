/** Who waits at the front door for their turn, and what is made of that. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { frontDoor } from '../../src/edge/front-door.ts';
import { Load } from '../../src/edge/load.ts';
import { Turnstile } from '../../src/edge/turnstile.ts';
import { portOf } from '../a-port.ts';

/** A door with nothing but a held answer behind it. @param failure - what is thrown in its place */
async function aDoor(failure?: Error) {
  const seen: string[] = [];
  const held = Promise.withResolvers<void>();
  const load = new Load(0, () => 0);
  class Watched extends Turnstile {
    override enter(kind: unknown, begin: () => void) {
      seen.push('enter');
      void held.promise.then(() => super.enter(kind, begin));
    }

    override leave(kind: unknown) {
      seen.push('leave');
      super.leave(kind);
    }
  }
  const answer = (_: IncomingMessage, response: ServerResponse) => {
    seen.push('answer');
    if (failure !== undefined) {
      throw failure;
    }
    response.end('{}');
  };
  const door = frontDoor(answer, {
    maxBodyBytes: 100,
    load,
    turnstile: new Watched(),
    operators: async () => false,
    isLeaving: () => false,
    home: undefined,
    onResponse: (status) => void seen.push(String(status)),
    onRefused: () => undefined,
    corsOrigins: [],
  });
  const server = createServer((request, response) =>
    door(request, response, (reason) => {
      seen.push(String(reason));
      response.end();
    }),
  );
  const port = await portOf(server);
  onTestFinished(() => load.stop());
  const ask = (init: RequestInit, search = '') =>
    fetch(`http://127.0.0.1:${port}/graphql${search}`, init);
  return { seen, ask, begin: () => held.resolve() };
}

const post = (headers: Record<string, string> = {}, body = '{}') => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body,
});

it.each([
  ['by POST', post(), ''],
  ['by GET', { headers: { 'x-graphql-yoga-csrf': 'true' } }, '?query={a}'],
])('a query %s is answered in its turn, and leaves', async (_how, init, search) => {
  const { seen, ask, begin } = await aDoor();
  const asked = ask(init, search);
  await expect.poll(() => seen).toEqual(['enter']);
  begin();
  await asked;
  await expect.poll(() => [...seen].sort()).toEqual(['200', 'answer', 'enter', 'leave']);
});

it.each([
  ['by POST', post(), ''],
  ['by GET', { headers: { 'x-graphql-yoga-csrf': 'true' } }, '?query={a}'],
])('what goes wrong with a query %s is told, and it leaves', async (_how, init, search) => {
  const { seen, ask, begin } = await aDoor(new Error('nobody has thought of this'));
  begin();
  await ask(init, search);
  await expect.poll(() => seen).toContain('200');
  expect(seen.slice(0, 4)).toEqual([
    'enter',
    'answer',
    'Error: nobody has thought of this',
    'leave',
  ]);
});

it('what may be a stream has left before it is answered', async () => {
  const { seen, ask, begin } = await aDoor();
  begin();
  await ask(post({ accept: 'text/event-stream' }, '{"query":"subscription { a }"}'));
  expect(seen.slice(0, 3)).toEqual(['enter', 'leave', 'answer']);
});

it('what cannot be one stays, whatever its client accepts', async () => {
  const { seen, ask, begin } = await aDoor();
  begin();
  await ask(post({ accept: 'application/json, text/event-stream' }, '{"query":"{ a }"}'));
  expect(seen.slice(0, 3)).toEqual(['enter', 'answer', 'leave']);
});

it('who has gone while they waited are not answered, and leave', async () => {
  const { seen, ask, begin } = await aDoor();
  const going = new AbortController();
  const asked = ask({ ...post(), signal: going.signal }).catch(() => 'gone');
  await expect.poll(() => seen).toEqual(['enter']);
  going.abort();
  expect(await asked).toBe('gone');
  await expect.poll(() => seen).toEqual(['enter', '499']);
  begin();
  await expect.poll(() => seen).toEqual(['enter', '499', 'leave']);
});

it('what is refused does not wait', async () => {
  const { seen, ask } = await aDoor();
  expect((await ask(post({}, 'x'.repeat(101)))).status).toBe(413);
  expect((await ask({ ...post(), headers: { 'content-type': 'text/plain' } })).status).toBe(415);
  await expect.poll(() => [...seen].sort()).toEqual(['413', '415']);
});
