/** Several gateways as processes, on one sandbox and one Redis, behind a proxy that takes turns. */

import { createServer, request as send } from 'node:http';
import { onTestFinished } from 'vitest';
import { openSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import type { Answer, CallerName } from '../a-gateway.ts';
import { portOf } from '../a-port.ts';
import { aRunningProcess } from '../a-process.ts';
import type { TestRedis } from './a-redis.ts';

export interface FleetOptions extends SandboxOptions {
  readonly redis: TestRedis;
  readonly env?: Readonly<Record<string, string>>;
  /** One for each instance. */
  readonly envs?: readonly Readonly<Record<string, string>>[];
}

/** Passes each request on to the next instance that is there. */
async function aProxy(targets: readonly string[]): Promise<string> {
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      const tryNext = (triesLeft: number) => {
        const target = new URL(targets[turn++ % targets.length] ?? '');
        const { method, headers, url } = incoming;
        const passed = send(
          { host: target.hostname, port: target.port, path: url, method, headers },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
            answer.on('error', () => outgoing.destroy());
          },
        );
        passed.on('error', () => {
          if (outgoing.headersSent) {
            outgoing.destroy();
          } else if (triesLeft > 0) {
            tryNext(triesLeft - 1);
          } else {
            outgoing.writeHead(502).end();
          }
        });
        outgoing.on('close', () => passed.destroy());
        passed.end(Buffer.concat(pieces));
      };
      tryNext(targets.length);
    });
  });
  return `http://127.0.0.1:${await portOf(server)}/graphql`;
}

export async function aFleet({ redis, env = {}, envs = [{}, {}, {}], ...options }: FleetOptions) {
  const sandbox = await openSandbox(options);
  onTestFinished(() => sandbox.close());
  const instances = await Promise.all(
    envs.map((own) =>
      aRunningProcess([], {
        WALDUR_URL: sandbox.waldur.server.url,
        DANUBE_URL: sandbox.danube.server.url,
        REDIS_URL: redis.url,
        // Busy cores are no reason to take Redis for gone.
        REDIS_TIMEOUT_MS: '1000',
        INSTANCES_SECRET: 'known-to-all-three-instances',
        MAX_LAG_MS: '0',
        LOG_LEVEL: 'warn',
        ...env,
        ...own,
      }),
    ),
  );
  const url = await aProxy(instances.map((instance) => instance.url));

  const post = (
    address: string,
    body: object,
    as: CallerName,
    accept = 'application/json',
    signal?: AbortSignal,
  ) =>
    fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept,
        authorization: `Token ${sandbox.callers[as].waldurToken}`,
        'x-danube-api-key': sandbox.callers[as].danubeApiKey,
      },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });

  return {
    sandbox,
    instances,
    url,
    /** Through the proxy, or by one instance. */
    run: async (
      query: string,
      {
        as = 'staff' as CallerName,
        at = url,
        variables = {} as object,
        signal = undefined as AbortSignal | undefined,
      } = {},
    ): Promise<Answer> => {
      const response = await post(at, { query, variables }, as, undefined, signal);
      return (await response.json()) as Answer;
    },
    post: (body: object, at = url) => post(at, body, 'staff'),
    /** A metric of an instance; undefined when it has none of this name and these labels. */
    metric: async (instance: number, line: string): Promise<number | undefined> => {
      const text = await (await fetch(new URL('/metrics', instances[instance]?.url))).text();
      const found = text.split('\n').find((one) => one.startsWith(`${line} `));
      return found === undefined ? undefined : Number(found.slice(line.length));
    },
    ready: async (instance: number) =>
      // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is its own business
      (await fetch(new URL('/health/ready', instances[instance]?.url))).json() as Promise<any>,
    /** Events of a subscription, as they come; ends when the stream does, whole or not. */
    async *follow(
      query: string,
      { as = 'staff' as CallerName, at = url, signal = undefined as AbortSignal | undefined } = {},
    ): AsyncGenerator<Answer> {
      const response = await post(at, { query }, as, 'text/event-stream', signal);
      let text = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) {
          const told = /^event: next\ndata: (.+)$/m.exec(part)?.[1];
          if (told !== undefined) {
            yield JSON.parse(told) as Answer;
          }
        }
      }
    },
  };
}
