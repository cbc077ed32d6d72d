/** Bodies of requests, from their first byte to their last. */

import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { readBody } from '../../src/edge/body.ts';

/** A request of which ten bytes are read at most. */
function aRequest(headers: Record<string, string> = {}) {
  const stream = new PassThrough();
  const onBody = vi.fn<(body: Buffer | null) => void>();
  readBody(Object.assign(stream, { headers }) as unknown as IncomingMessage, 10, onBody);
  return { stream, onBody };
}

it.each([
  ['in one piece', ['0123456789'], '0123456789'],
  ['in several', ['01', '234', '56789'], '0123456789'],
  ['that is empty', [], ''],
])('a body %s is read whole', async (_how, pieces, whole) => {
  const { stream, onBody } = aRequest();
  for (const piece of pieces) {
    stream.write(piece);
    await setImmediate();
  }
  expect(onBody).not.toHaveBeenCalled();
  stream.end();
  await setImmediate();
  expect(onBody).toHaveBeenCalledExactlyOnceWith(Buffer.from(whole));
});

it('one that is too large is told of once, and whatever follows is nothing to anybody', async () => {
  const { stream, onBody } = aRequest();
  stream.write('0123456');
  stream.write('789a');
  await setImmediate();
  expect(onBody).toHaveBeenCalledExactlyOnceWith(null);
  stream.end('bcdef');
  // As Node does with what nobody has read of a request that is answered.
  stream.resume();
  await setImmediate();
  expect(stream.readableEnded).toBe(true);
  expect(onBody).toHaveBeenCalledOnce();
});

it('one that says so beforehand is not read at all', () => {
  const { stream, onBody } = aRequest({ 'content-length': '11' });
  expect(onBody).toHaveBeenCalledExactlyOnceWith(null);
  expect(stream.listenerCount('data')).toBe(0);
});

it('of one whose client leaves, nothing is told', async () => {
  const { stream, onBody } = aRequest();
  stream.write('0123');
  await setImmediate();
  stream.destroy();
  await setImmediate();
  expect(onBody).not.toHaveBeenCalled();
});
