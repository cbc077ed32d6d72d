/** The sandbox in the clouds' place. */

import type { Config } from '../config.ts';
import type { Explorer } from '../edge/explorer.ts';
import type { Sandbox, SandboxOptions } from '../sandbox/sandbox.ts';
import { homeOf } from './home.ts';

/** What a gateway runs on, and what has to be closed after it. */
export interface Surroundings {
  readonly config: Config;
  readonly explorer: Explorer;
  /** The page at `/`; absent for none. */
  readonly home?: () => string;
  readonly close: () => Promise<void>;
}

/** What goes wrong in the sandbox, as `openSandbox` takes it. */
export type Weather = Pick<SandboxOptions, 'faults' | 'latencyMs'>;

/**
 * A sandbox as the settings want it, in the place of whatever clouds they name; prints its callers.
 *
 * @throws when a port is taken
 */
export async function sandboxed(config: Config, weather: Weather = {}): Promise<Surroundings> {
  const { openSandbox } = await import('../sandbox/sandbox.ts');
  const { tourOf } = await import('../sandbox/tour.ts');
  const sandbox = await openSandbox({
    seed: config.sandbox.seed,
    sizes: config.sandbox.sizes,
    danubeCallsPerMinute: config.sandbox.callsPerMinute,
    serverGroupPost: config.sandbox.serverGroupPost,
    ...weather,
  });
  printCallers(sandbox);
  const at = (url: string) => new URL(url);
  return {
    config: {
      ...config,
      waldur: { url: at(sandbox.waldur.server.url), token: undefined },
      danube: { url: at(sandbox.danube.server.url), apiKey: undefined },
    },
    explorer: tourOf(sandbox),
    home: () => homeOf(sandbox, config.sandbox.seed),
    close: () => sandbox.close(),
  };
}

/** The callers, as a person reads them. */
function printCallers({ callers, waldur, danube }: Sandbox): void {
  for (const [name, caller] of Object.entries(callers)) {
    console.log(`  ${name.padEnd(9)} Authorization: Token ${caller.waldurToken}`);
    console.log(`${' '.repeat(12)}X-Danube-Api-Key: ${caller.danubeApiKey}`);
  }
  console.log(`\n  Waldur is at ${waldur.server.url}, Danube Cloud at ${danube.server.url}.`);
}
