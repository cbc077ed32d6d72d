/** The composition: settings in, a gateway out that answers requests. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { danubeCaller, waldurCaller } from './edge/callers.ts';
import type { Explorer } from './edge/explorer.ts';
import { frontDoor } from './edge/front-door.ts';
import { Load } from './edge/load.ts';
import { shortWay } from './edge/short-way.ts';
import { openYoga } from './edge/yoga.ts';
import type { UpstreamName } from './failure.ts';
import { Deadline } from './session/deadline.ts';
import { Explanation } from './session/explanation.ts';
import type { Session } from './session/session.ts';
import { Rounds } from './session/watching.ts';
import { DanubeConnection, danubeRefusals } from './upstream/danube/connection.ts';
import { Budget } from './upstream/http/budget.ts';
import { defaultHttpLimits } from './upstream/http/send.ts';
import { Upstream } from './upstream/http/upstream.ts';
import { WaldurConnection } from './upstream/waldur/connection.ts';
import { Sizes } from './upstream/waldur/knowledge.ts';

/** What a gateway holds on to. */
export interface Vitals {
  /** Calls upstream that are not at their end. */
  readonly underWay: number;
  /** Callers of whom it remembers how large their collections were. */
  readonly knownCallers: number;
  /** Kinds of things that somebody watches as one caller. */
  readonly rounds: number;
}

export interface Gateway {
  /** Answers a request without a socket. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /**
   * Accepts connections.
   *
   * @returns the graph's URL
   * @throws when the port is taken
   */
  listen(): Promise<string>;
  readonly vitals: () => Vitals;
  /** Stops accepting, lets running operations end, closes the connections to the upstreams. */
  close(): Promise<void>;
}

/** Waldur serves about so many requests at a time by default. */
const callsAtATime = 4;

/**
 * @param explorer - what GraphiQL opens with
 */
export function openGateway(config: Config, log: Logger, explorer: Explorer): Gateway {
  const limits = { ...defaultHttpLimits, answerTimeoutMs: config.upstreamTimeoutMs };
  const open = (
    name: UpstreamName,
    configured: { readonly url: URL } | undefined,
    budget?: Budget,
  ) =>
    configured &&
    new Upstream(name, configured.url, limits, {
      callsAtATime,
      callsInAll: config.resilience.calls,
      budget,
      resilience: config.resilience,
    });
  const waldur = open('waldur', config.waldur);
  const budget = new Budget(config.danubeRate, limits.answerTimeoutMs, danubeRefusals);
  const danube = open('danube', config.danube, budget);
  const sizes = new Sizes();
  const rounds = new Rounds<Session>();

  const openSession = (
    { headers }: Request,
    address: string | undefined,
    isExplained: boolean,
  ): Session => {
    const waldurUser = waldur && waldurCaller(headers, config.waldur?.token, address);
    const danubeUser = danube && danubeCaller(headers, config.danube?.apiKey, address);
    const open = (explanation: Explanation | undefined, isPatient = false): Session => {
      const leaving = new AbortController();
      const deadline = new Deadline((reason) => leaving.abort(reason));
      const asking = {
        signal: leaving.signal,
        observe: explanation?.onCall,
        isPatient,
        leftMs: () => deadline.leftMs,
      };
      return {
        waldur: waldur && waldurUser && new WaldurConnection(waldur, sizes, waldurUser, asking),
        danube: danube && danubeUser && new DanubeConnection(danube, danubeUser, asking),
        caller: `${waldurUser?.fingerprint} ${danubeUser?.fingerprint}`,
        explanation,
        weights: config.planning,
        pace: config.polling,
        signal: leaving.signal,
        deadline,
        leaveWith: (signal) => {
          if (signal.aborted) {
            leaving.abort();
          }
          signal.addEventListener('abort', () => leaving.abort(), { once: true });
        },
        watchPace: config.watching,
        rounds,
        fork: () => {
          const session = open(undefined, true);
          const left = new AbortController();
          session.leaveWith(left.signal);
          return { session, leave: () => left.abort() };
        },
        outcomes: [],
        maxReferences: config.maxReferences,
        datacenter: config.danubeDatacenter,
      };
    };
    return open(isExplained ? new Explanation() : undefined);
  };

  const yoga = openYoga({
    openSession,
    explains: config.explain,
    log,
    explorer: config.graphiql ? explorer : undefined,
    limits: config.limits,
    introspection: config.introspection,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    persisted: config.persisted,
  });
  const load = new Load(config.limits.lagMs);
  let isLeaving = false;
  const door = frontDoor((request, response) => yoga(request, response), {
    maxBodyBytes: config.limits.bodyBytes,
    load,
    isLeaving: () => isLeaving,
    // Rates are told in headers, and manifests change what is asked: neither is a common request.
    shortWay:
      Number.isFinite(config.limits.costPerMinute) || config.persisted.manifest !== undefined
        ? undefined
        : shortWay(yoga, '/graphql'),
    health: () => ({ waldur: waldur?.health, danube: danube?.health }),
  });
  const server = createServer((request, response) => {
    void door(request, response);
  });

  return {
    fetch: (request) => yoga.fetch(request),
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(config.port, config.host, () => {
          const { port } = server.address() as AddressInfo;
          const host = config.host.includes(':') ? `[${config.host}]` : config.host;
          resolve(`http://${host}:${port}/graphql`);
        });
      }),
    vitals: () => ({
      underWay: (waldur?.underWay ?? 0) + (danube?.underWay ?? 0),
      knownCallers: sizes.size,
      rounds: rounds.size,
    }),
    async close() {
      isLeaving = true;
      load.stop();
      rounds.close();
      // Who is still there after that is cut off: what was sent upstream goes on all the same.
      const impatience = setTimeout(() => server.closeAllConnections(), config.graceMs);
      const sweep = setInterval(() => server.closeIdleConnections(), 50);
      if (server.listening) {
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
        });
      }
      clearTimeout(impatience);
      clearInterval(sweep);
      await yoga.dispose();
      await Promise.all([waldur?.close(), danube?.close()]);
    },
  };
}
