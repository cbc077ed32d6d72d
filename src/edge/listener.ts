/** A port that is listened on, and left without cutting anybody off who still has time. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { errorMasker } from './error-masking.ts';

export interface Listener {
  /**
   * Accepts connections.
   *
   * @returns scheme, host and port
   * @throws when the port is taken, or it is closed before it accepts any
   */
  listen(): Promise<string>;
  /** Accepts no connections any more; whoever is still there after the grace, in milliseconds, is cut off. */
  close(graceMs: number): Promise<void>;
}

/** Answers with an error, or with the end of the connection where an answer has begun. */
function fail(response: ServerResponse, error: Error): void {
  if (response.writableEnded) {
    return;
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(500, {
    'content-type': 'application/graphql-response+json; charset=utf-8',
    // What is left of a body that nobody reads would be taken for the next request.
    connection: 'close',
  });
  response.end(JSON.stringify({ errors: [error] }));
}

/** Is told what goes wrong with an answer later. */
export type OnFailed = (reason: unknown) => void;

/** Answers a request. What it throws, or tells `onFailed`, is masked and logged. */
export type Door = (request: IncomingMessage, response: ServerResponse, onFailed: OnFailed) => void;

export function openListener(door: Door, host: string, port: number, log: Logger): Listener {
  const masked = errorMasker(log);
  const server = createServer((request, response) => {
    const onFailed = (reason: unknown) => fail(response, masked(reason));
    try {
      door(request, response, onFailed);
    } catch (reason) {
      onFailed(reason);
    }
  });
  let isClosed = false;
  return {
    async listen() {
      if (!isClosed) {
        const listening = once(server, 'listening');
        server.listen(port, host);
        await listening;
      }
      if (isClosed) {
        server.close();
        throw new Error('it was closed before it could listen');
      }
      // One connection that could not be accepted is no reason to end all others.
      server.on('error', (reason) => log.error({ err: reason }, 'a connection was not accepted'));
      const { port: taken } = server.address() as AddressInfo;
      return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
    },
    async close(graceMs) {
      isClosed = true;
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
