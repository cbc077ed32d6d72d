/** One simulated upstream's socket: the log of what was asked, the faults that tests switch on. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A request as it arrived, and what became of it. */
export interface ReceivedCall {
  readonly method: string;
  /** Without the query string, percent-encoding as received. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path and query as received: what counts against a server's request-line limit. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** As the caller can reach it: `http://host`. */
  readonly origin: string;
  /** The remote end's address. */
  readonly address: string;
  /** Absent while there is no answer yet, or when a fault gave none. */
  status?: number;
  /** Rows in the answer, where it is a list. */
  rows?: number;
  /** True once the caller has gone before its answer was complete. */
  aborted?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string;
  /** Sent piece by piece instead of `body`. */
  readonly pieces?: AsyncIterable<string>;
  /** Rows in the answer, for the log. */
  readonly rows?: number;
}

export type Handler = (call: ReceivedCall) => Answer | Promise<Answer>;

/** What goes wrong instead of, or with, the right answer. */
export type Fault =
  /** Another answer. */
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** The right answer, changed on its way. */
  | { readonly kind: 'change'; readonly change: (answer: Answer) => Answer }
  /** The right answer, so much later. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The right answer as it is now, sent when the promise is kept. */
  | { readonly kind: 'hold'; readonly until: Promise<void> }
  /** Nothing until the caller gives up. */
  | { readonly kind: 'hang' }
  /** The connection is reset before any answer. */
  | { readonly kind: 'reset' }
  /** The headers and this share (0 to 1) of the body, then a reset. */
  | { readonly kind: 'truncate'; readonly share: number };

export interface FaultRule {
  /** Which calls; every call when absent. */
  readonly when?: (call: ReceivedCall) => boolean;
  /** How often; until it is removed when absent. */
  readonly times?: number;
  readonly fault: Fault;
}

export interface SimulatedServer {
  /** `http://127.0.0.1:port`, without a path. */
  readonly url: string;
  /** Calls received since the start or the last `forgetCalls`, in the order of arrival; the newest of very many. */
  readonly calls: readonly ReceivedCall[];
  forgetCalls(): void;
  /** Switches a fault on; returns how to switch it off. The newest matching fault wins. */
  inject(rule: FaultRule): () => void;
  /** Ends kept connections on which nothing is under way, as servers do after a while. */
  cutIdleConnections(): void;
  /** Stops listening and cuts what is open. */
  close(): Promise<void>;
}

/** More than any test makes. */
const mostCalls = 100_000;

/**
 * Listens on the loopback address.
 *
 * @param port - 0 for any free one
 * @throws when the port is taken
 */
export async function openServer(handler: Handler, port = 0): Promise<SimulatedServer> {
  const calls: ReceivedCall[] = [];
  const rules: { rule: FaultRule; left: number }[] = [];

  const faultFor = (call: ReceivedCall): Fault | undefined => {
    const index = rules.findLastIndex(({ rule }) => rule.when?.(call) ?? true);
    const found = rules[index];
    if (found === undefined) {
      return undefined;
    }
    found.left -= 1;
    if (found.left <= 0) {
      rules.splice(index, 1);
    }
    return found.rule.fault;
  };

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await received(request);
    calls.push(call);
    if (calls.length > mostCalls) {
      // One that runs for days remembers the newest.
      calls.splice(0, mostCalls / 2);
    }
    response.on('close', () => {
      if (!response.writableFinished) {
        call.aborted = true;
      }
    });

    const fault = faultFor(call);
    if (fault?.kind === 'hang') {
      return;
    }
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'delay') {
      await delay(fault.delayMs);
    }
    const right = fault?.kind === 'answer' ? fault.answer : await handler(call);
    if (fault?.kind === 'hold') {
      await fault.until;
    }
    const answer = fault?.kind === 'change' ? fault.change(right) : right;
    call.status = answer.status;
    if (answer.rows !== undefined) {
      call.rows = answer.rows;
    }
    await send(response, answer, fault?.kind === 'truncate' ? fault.share : undefined);
  };

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      // A hole in the simulator must be seen, and must not look like an upstream's own fault.
      response.destroy(error instanceof Error ? error : new Error(String(error)));
      console.error('sandbox:', error);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    forgetCalls() {
      calls.length = 0;
    },
    inject(rule) {
      const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
      rules.push(entry);
      return () => {
        const index = rules.indexOf(entry);
        if (index >= 0) {
          rules.splice(index, 1);
        }
      };
    },
    cutIdleConnections: () => server.closeIdleConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function received(request: IncomingMessage): Promise<ReceivedCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    target,
    headers: request.headers as Record<string, string | undefined>,
    body: Buffer.concat(chunks).toString('utf8'),
    origin: `http://${request.headers.host ?? '127.0.0.1'}`,
    address: request.socket.remoteAddress ?? '',
  };
}

async function send(response: ServerResponse, answer: Answer, share?: number): Promise<void> {
  const body = Buffer.from(answer.body ?? '', 'utf8');
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(answer.pieces === undefined && answer.status !== 204
      ? { 'content-length': String(body.length) }
      : {}),
  });
  if (share !== undefined) {
    response.write(body.subarray(0, Math.floor(body.length * share)), () =>
      response.socket?.resetAndDestroy(),
    );
    return;
  }
  if (answer.pieces !== undefined) {
    for await (const piece of answer.pieces) {
      if (response.destroyed) {
        return;
      }
      response.write(piece);
    }
    response.end();
    return;
  }
  response.end(body);
}
