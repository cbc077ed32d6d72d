/** The composition: settings in, a gateway out that answers requests. */

import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { openDocuments } from './edge/documents.ts';
import type { Explorer } from './edge/explorer.ts';
import { frontDoor } from './edge/front-door.ts';
import { openListener } from './edge/listener.ts';
import { Load } from './edge/load.ts';
import { type Metrics, openMetrics } from './edge/metrics.ts';
import { onlyOperators, operatorDoor } from './edge/operator-door.ts';
import { Outbox } from './edge/outbox.ts';
import { namesIn, readManifest } from './edge/persisted-operations.ts';
import { sessionsOn } from './edge/sessions.ts';
import { shortWay } from './edge/short-way.ts';
import { Turnstile } from './edge/turnstile.ts';
import { openYoga } from './edge/yoga.ts';
import type { UpstreamName } from './failure.ts';
import { openInstances } from './instances/instances.ts';
import { ChangesUnderWay } from './session/changes-under-way.ts';
import type { Session } from './session/session.ts';
import { Rounds } from './session/watching.ts';
import { danubeRefusals } from './upstream/danube/connection.ts';
import { danubeRoute } from './upstream/danube/route.ts';
import { Budget } from './upstream/http/budget.ts';
import { aloneAmong } from './upstream/http/ledger.ts';
import { defaultHttpLimits } from './upstream/http/send.ts';
import { Upstream } from './upstream/http/upstream.ts';
import { Sizes } from './upstream/waldur/knowledge.ts';
import { ownerRoutes, waldurRoute } from './upstream/waldur/route.ts';

/** What a gateway holds on to. */
export interface Vitals {
  /** Calls upstream that are not at their end. */
  readonly underWay: number;
  /** Callers of whom it remembers how large their collections were. */
  readonly knownCallers: number;
  /** Kinds of things that somebody watches as one caller. */
  readonly rounds: number;
}

/** Where a gateway listens. */
export interface Addresses {
  /** The graph's. */
  readonly graph: string;
  /** What operators have to themselves; undefined when it is beside the graph. */
  readonly operators: string | undefined;
}

/** What a process adds to a gateway. */
export interface Extras {
  /** The page at `/`, as HTML; without one, it leads to GraphiQL. */
  readonly home?: () => string;
  /** Metrics of several processes, by this one's own, or undefined; its own where absent. */
  readonly metricsOfAll?: (own: Metrics['registry']) => () => Promise<string | undefined>;
}

export interface Gateway {
  /** Answers a request without a socket. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /**
   * Accepts connections.
   *
   * @throws when a port is taken, or it is closed meanwhile
   */
  listen(): Promise<Addresses>;
  readonly vitals: () => Vitals;
  /**
   * Stops accepting, lets running operations end, those too whose clients have left a change to be made,
   * and closes the connections to the upstreams.
   */
  close(): Promise<void>;
}

const routes = { waldur: waldurRoute, danube: danubeRoute };

/**
 * @param explorer - what GraphiQL opens with
 * @throws {ConfigError} when a file that the settings name cannot be used
 */
export function openGateway(
  config: Config,
  log: Logger,
  explorer: Explorer,
  { home, metricsOfAll }: Extras = {},
): Gateway {
  const limits = { ...defaultHttpLimits, answerTimeoutMs: config.upstreamTimeoutMs };
  const open = (
    name: UpstreamName,
    configured: { readonly url: URL } | undefined,
    budget?: Budget,
  ) =>
    configured &&
    new Upstream(name, configured.url, limits, {
      callsAtATime: config.resilience.callsAtATime,
      callsInAll: config.resilience.calls,
      routeOf: routes[name],
      budget,
      resilience: config.resilience,
      keeping:
        name === 'waldur' && config.resilience.keepOwnersMs > 0
          ? { routes: ownerRoutes, forMs: config.resilience.keepOwnersMs }
          : undefined,
    });
  const manifest = readManifest(config.persisted.manifest);
  const instances =
    config.instances &&
    openInstances(
      {
        ...config.instances,
        expected: config.processes,
        mostMs: limits.answerTimeoutMs,
        documents: manifest ?? new Map<string, string>(),
      },
      log,
    );
  const waldur = open('waldur', config.waldur);
  const budget = new Budget(
    config.danubeRate,
    limits.answerTimeoutMs,
    danubeRefusals,
    instances?.ledger ?? (config.processes > 1 ? aloneAmong(config.processes) : undefined),
  );
  const danube = open('danube', config.danube, budget);
  const turnstile = new Turnstile();
  const load = new Load(config.limits.lagMs, () => turnstile.waitMs);
  const metrics = openMetrics(new Set([...config.metrics.operations, ...namesIn(manifest)]), {
    upstreams: () =>
      [waldur, danube].flatMap((one) => (one ? [{ name: one.name, ...one.vitals }] : [])),
    lagMs: () => load.lagMs,
    instances: () => instances,
  });
  const toldMetrics = {
    text: metricsOfAll?.(metrics.registry) ?? metrics.text,
    contentType: metrics.contentType,
  };
  const sizes = new Sizes();
  const rounds = new Rounds<Session>(instances?.takeSeat);
  const changes = new ChangesUnderWay();

  const documents = openDocuments();
  const opened = openYoga({
    documents,
    openSession: sessionsOn({ config, waldur, danube, sizes, rounds, changes, metrics }),
    explains: config.explain,
    log,
    metrics,
    explorer: config.graphiql ? explorer : undefined,
    limits: config.limits,
    introspection: config.introspection,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    manifest,
    instances,
    onlyManifest: config.persisted.only,
    unchangedBytes: config.unchangedBytes,
  });
  const { yoga } = opened;
  let leavingSince: string | undefined;
  const operatorsWith = (isTold: boolean) =>
    operatorDoor({
      load,
      leavingSince: () => leavingSince,
      clouds: () => ({ waldur: waldur?.health, danube: danube?.health }),
      others: () => ({ redis: instances?.health }),
      metrics: isTold && config.metrics.isTold ? toldMetrics : undefined,
    });
  const isApart = config.metrics.port !== undefined;
  const door = frontDoor((request, response) => yoga(request, response), {
    maxBodyBytes: config.limits.bodyBytes,
    load,
    turnstile,
    operators: operatorsWith(!isApart),
    isLeaving: () => leavingSince !== undefined,
    home: config.graphiql ? (home ?? '/graphql') : undefined,
    onResponse: metrics.onResponse,
    onRefused: (code, requestId) => {
      metrics.onError(code);
      log.info({ requestId, codes: [code] }, 'refused');
    },
    corsOrigins: config.corsOrigins,
    // Rates are told in headers, and manifests change what is asked: neither is a common request.
    shortWay:
      Number.isFinite(config.limits.costPerMinute) || manifest !== undefined
        ? undefined
        : shortWay(opened, documents, new Outbox(() => turnstile.isFull), '/graphql'),
  });
  const graph = openListener(door, config.host, config.port, log);
  const operators =
    config.metrics.port === undefined
      ? undefined
      : openListener(onlyOperators(operatorsWith(true)), config.host, config.metrics.port, log);

  return {
    fetch: (request) => yoga.fetch(request),
    async listen() {
      await instances?.settled();
      const url = await graph.listen();
      return { graph: `${url}/graphql`, operators: await operators?.listen() };
    },
    vitals: () => ({
      underWay: (waldur?.underWay ?? 0) + (danube?.underWay ?? 0),
      knownCallers: sizes.size,
      rounds: rounds.size,
    }),
    async close() {
      leavingSince = new Date().toISOString();
      load.stop();
      rounds.close();
      const untilMs = performance.now() + config.graceMs;
      await graph.close(config.graceMs);
      // Clients that have left a change to be made have no socket that would be waited for.
      const left = await changes.close(Math.max(0, untilMs - performance.now()));
      if (left.length > 0) {
        const requestIds = left.map(({ requestId }) => requestId);
        log.warn({ requestIds }, 'the grace is over, and these mutations are not');
      }
      await operators?.close(0);
      await yoga.dispose();
      await instances?.close();
      await Promise.all([waldur?.close(), danube?.close()]);
    },
  };
}
