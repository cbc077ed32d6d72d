/** A port that is listened on, and left without cutting anybody off who still has time. */

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listener {
  /**
   * Accepts connections.
   *
   * @returns scheme, host and port
   * @throws when the port is taken
   */
  listen(): Promise<string>;
  /** Stops accepting; whoever is still there after the grace, in milliseconds, is cut off. */
  close(graceMs: number): Promise<void>;
}

export function openListener(listener: RequestListener, host: string, port: number): Listener {
  const server = createServer(listener);
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          const { port: taken } = server.address() as AddressInfo;
          resolve(`http://${host.includes(':') ? `[${host}]` : host}:${taken}`);
        });
      }),
    async close(graceMs) {
      if (!server.listening) {
        return;
      }
      const impatience = setTimeout(() => server.closeAllConnections(), graceMs);
      const sweep = setInterval(() => server.closeIdleConnections(), 50);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      clearTimeout(impatience);
      clearInterval(sweep);
    },
  };
}
