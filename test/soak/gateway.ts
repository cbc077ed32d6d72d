/** The gateway under soak, in a process of its own, which tells how large it has become. */

import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { openGateway } from '../../src/gateway.ts';

const gateway = openGateway(readConfig(process.env), pino({ level: 'silent' }), { headers: {} });
process.send?.({ url: (await gateway.listen()).graph });

process.on('message', () => {
  globalThis.gc?.();
  const kinds: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  process.send?.({
    heapMb: Math.round(process.memoryUsage().heapUsed / 104_857.6) / 10,
    timers: kinds.Timeout ?? 0,
    sockets: kinds.TCPSocketWrap ?? 0,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    vitals: gateway.vitals(),
  });
});
process.once('SIGTERM', () => {
  void gateway.close().then(() => process.exit(0));
});
