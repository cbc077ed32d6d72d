/** The process: settings in, signals, exit code; without an upstream configured, opens the sandbox. */

import { pino } from 'pino';
import pretty from 'pino-pretty';
import { type Config, ConfigError, readConfig } from './config.ts';
import type { Explorer } from './edge/explorer.ts';
import { openGateway } from './gateway.ts';

interface Surroundings {
  readonly config: Config;
  readonly explorer: Explorer;
  readonly close: () => Promise<void>;
}

/** The sandbox in the upstreams' place when none is configured. */
async function withSandbox(config: Config): Promise<Surroundings> {
  if (config.waldur !== undefined || config.danube !== undefined) {
    return { config, explorer: { headers: {} }, close: async () => undefined };
  }
  const { openSandbox } = await import('./sandbox/sandbox.ts');
  const { tourOf } = await import('./sandbox/tour.ts');
  const sandbox = await openSandbox({
    seed: config.sandbox.seed,
    sizes: config.sandbox.sizes,
    danubeCallsPerMinute: config.sandbox.callsPerMinute,
    serverGroupPost: config.sandbox.serverGroupPost,
  });
  console.log('No cloud is configured, so a sandbox of both is running. Its callers:\n');
  for (const [name, caller] of Object.entries(sandbox.callers)) {
    console.log(`  ${name.padEnd(9)} Authorization: Token ${caller.waldurToken}`);
    console.log(`${' '.repeat(12)}X-Danube-Api-Key: ${caller.danubeApiKey}`);
  }
  return {
    config: {
      ...config,
      waldur: { url: new URL(sandbox.waldur.server.url), token: undefined },
      danube: { url: new URL(sandbox.danube.server.url), apiKey: undefined },
    },
    explorer: tourOf(sandbox),
    close: () => sandbox.close(),
  };
}

async function run(): Promise<void> {
  const settings = readConfig(process.env);
  const log = process.stdout.isTTY
    ? pino({ level: settings.logLevel }, pretty({ colorize: true, ignore: 'pid,hostname' }))
    : // A line at a time would be a write for each operation.
      pino(
        { level: settings.logLevel },
        pino.destination({ sync: false, minLength: 4_096, periodicFlush: 250 }),
      );
  const { config, explorer, close } = await withSandbox(settings);
  const gateway = openGateway(config, log, explorer);
  const stop = async () => {
    await gateway.close();
    await close();
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
  const url = await gateway.listen().catch(async (error: unknown) => {
    // The sandbox would keep a process alive that answers nobody.
    await stop();
    throw error;
  });
  console.log(`\nThe graph:  ${url}${config.graphiql ? '   (GraphiQL in a browser)' : ''}\n`);
}

run().catch((error: unknown) => {
  // A fault of the settings or a taken port is for the operator to mend: no stack is needed for it.
  const isExpected =
    error instanceof ConfigError || (error as { code?: string }).code !== undefined;
  console.error(isExpected ? (error as Error).message : error);
  process.exitCode = 1;
});
