/** Prints how many bytes of a call are still there after two minor collections. Needs `--expose-gc`. */

import { openServer } from '../../../src/sandbox/server.ts';
import { defaultHttpLimits } from '../../../src/upstream/http/send.ts';
import { Stop } from '../../../src/upstream/http/stop.ts';
import { Upstream } from '../../../src/upstream/http/upstream.ts';
import { collect, oldBytes } from './old-bytes.ts';

const server = await openServer(async () => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{}',
}));
const upstream = new Upstream('waldur', new URL(server.url), defaultHttpLimits, {
  callsAtATime: 4,
  callsInAll: 100,
  routeOf: (path) => path,
  resilience: { retries: 0, restMs: 1_000 },
});
const ask = () =>
  upstream.ask(
    { method: 'GET', path: '/', headers: {} },
    { fingerprint: 'me', signal: new Stop(), observer: undefined },
  );

const calls = 1_500;
for (let call = 0; call < calls; call += 1) {
  const asked = ask();
  if (call % 50 === 0) {
    // What is under way then grows old: nothing that comes later may hang on it.
    collect();
    setImmediate(collect);
  }
  await asked;
}
server.forgetCalls();
collect();
const before = oldBytes();
for (let call = 0; call < calls; call += 1) {
  await ask();
  if (call % 50 === 0) {
    server.forgetCalls();
    collect();
  }
}
server.forgetCalls();
collect();
console.log(Math.round((oldBytes() - before) / calls));
await upstream.close();
await server.close();
