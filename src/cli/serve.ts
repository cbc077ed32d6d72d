/** `stratograph serve`: the gateway as a process, until it is told to end. */

import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config.ts';
import { readManifest } from '../edge/persisted-operations.ts';
import { type Gateway, openGateway } from '../gateway.ts';
import { openLog } from './log-lines.ts';
import type { Surroundings } from './sandboxed.ts';
import { isWorker, leaveTeam, metricsOfAll, mindWorkers, onOrphaned } from './workers.ts';

/** How long the last traces may take at the end. */
const collectorMs = 1_000;

/** On the clouds that the settings name. */
export function onItsClouds(config: Config): Surroundings {
  const explorer = { headers: {} };
  return { config, explorer, close: async () => undefined };
}

function logFor({ logLevel }: Config) {
  return process.stdout.isTTY
    ? pino({ level: logLevel }, pretty({ colorize: true, ignore: 'pid,hostname' }))
    : openLog(logLevel);
}

/** Sends traces, where there is somebody to send them to; returns how to end that. */
async function collecting({ traces }: Config): Promise<() => Promise<void>> {
  if (traces === undefined) {
    return async () => undefined;
  }
  // Nobody else has to load it.
  const { openCollector } = await import('./collector.ts');
  return openCollector(traces);
}

/**
 * Runs a gateway, and ends it at the first SIGINT or SIGTERM; at the second, the process exits with 1.
 *
 * @throws {ConfigError} when a file that the settings name cannot be used
 * @throws when a port is taken
 */
export async function serve({ config, explorer, home, close }: Surroundings): Promise<void> {
  const log = logFor(config);
  if (config.workers > 1 && !isWorker()) {
    // What would be wrong with each of them is told once.
    readManifest(config.persisted.manifest);
    const graph = await mindWorkers(config, log);
    if (graph !== undefined) {
      printGraph(graph, config);
    }
    return;
  }
  const closeCollector = await collecting(config);
  const closeOthers = async () => {
    await close();
    // A collector that is away is no reason to stay, nor to fail.
    const left = closeCollector().catch((reason: unknown) =>
      log.warn({ err: reason }, 'the last traces were not taken'),
    );
    await Promise.race([left, delay(collectorMs, undefined, { ref: false })]);
  };
  let gateway: Gateway;
  try {
    gateway = openGateway(config, log, explorer, {
      ...(home === undefined ? {} : { home }),
      ...(isWorker() ? { metricsOfAll } : {}),
    });
  } catch (error) {
    await closeOthers().finally(leaveTeam);
    throw error;
  }
  const stop = () => gateway.close().finally(closeOthers).finally(leaveTeam);
  // One operation's fault that nobody has waited for is no reason to end all others.
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'));
  let isStopping = false;
  const end = () => {
    isStopping = true;
    stop().catch((error: unknown) => {
      console.error(error);
      // What could not be closed would keep it alive.
      process.exit(1);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isWorker() && signal === 'SIGINT') {
        // A terminal tells all at once: whoever minds the workers tells them, too.
        return;
      }
      if (isStopping) {
        process.exit(1);
      }
      end();
    });
  }
  onOrphaned(() => isStopping || end());
  const addresses = await gateway.listen().catch(async (error: unknown) => {
    if (isStopping) {
      // It was told to end before: that is no failure.
      return undefined;
    }
    isStopping = true;
    // The sandbox would keep a process alive that answers nobody.
    await stop();
    throw error;
  });
  if (addresses === undefined) {
    return;
  }
  const { graph, operators } = addresses;
  if (isWorker()) {
    process.send?.({ graph });
    return;
  }
  if (home !== undefined) {
    console.log(`\nThe world:  ${new URL('/', graph)}   (what is in it, and who may ask)`);
  }
  printGraph(graph, config);
  if (operators !== undefined) {
    console.log(`Operators:  ${operators}/metrics, ${operators}/health/ready\n`);
  }
}

function printGraph(graph: string, { graphiql }: Config): void {
  console.log(`\nThe graph:  ${graph}${graphiql ? '   (GraphiQL in a browser)' : ''}\n`);
}
