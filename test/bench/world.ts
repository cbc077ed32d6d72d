/** A simulated Waldur in a process of its own, so that what it takes is not taken for the gateway's. */

import { openSandbox } from '../../src/sandbox/sandbox.ts';

const [securityGroups, latencyMs] = process.argv.slice(2).map(Number) as [number, number];
const sandbox = await openSandbox({
  latencyMs,
  sizes: { securityGroups, serverGroups: 10, allocations: 10, machines: 3 },
});
const { server } = sandbox.waldur;
process.on('message', () => {
  process.send?.({ calls: server.calls.length });
  server.forgetCalls();
});
process.once('SIGTERM', () => {
  void sandbox.close().then(() => process.exit(0));
});
process.send?.({ url: server.url, token: sandbox.callers.staff.waldurToken });
