/** `stratograph serve`: the gateway as a process, until it is told to end. */

import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config.ts';
import { openGateway } from '../gateway.ts';
import { logLines } from './log-lines.ts';
import { keepMemorySmall } from './memory.ts';
import { explaining, type Surroundings } from './sandboxed.ts';

/** On the clouds that the settings name. */
export function onItsClouds(config: Config): Surroundings {
  const explorer = { headers: explaining(config) };
  return { config, explorer, close: async () => undefined };
}

function openLog({ logLevel }: Config) {
  return process.stdout.isTTY
    ? pino({ level: logLevel }, pretty({ colorize: true, ignore: 'pid,hostname' }))
    : // A line at a time would be a write for each operation.
      pino({ level: logLevel }, logLines());
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
export async function serve({ config, explorer, close }: Surroundings): Promise<void> {
  keepMemorySmall();
  const log = openLog(config);
  const closeCollector = await collecting(config);
  const gateway = openGateway(config, log, explorer);
  const stop = async () => {
    await gateway.close();
    await close();
    await closeCollector();
  };
  // One operation's fault that nobody has waited for is no reason to end all others.
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'));
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) {
        process.exit(1);
      }
      isStopping = true;
      stop().catch((error: unknown) => {
        console.error(error);
        process.exitCode = 1;
      });
    });
  }
  const { graph, operators } = await gateway.listen().catch(async (error: unknown) => {
    // The sandbox would keep a process alive that answers nobody.
    await stop();
    throw error;
  });
  console.log(`\nThe graph:  ${graph}${config.graphiql ? '   (GraphiQL in a browser)' : ''}\n`);
  if (operators !== undefined) {
    console.log(`Operators:  ${operators}/metrics, ${operators}/health/ready\n`);
  }
}
