/** The command line: what can be asked for, and what is said of it. */

import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { collectDefaultMetrics } from 'prom-client';
import { type Config, readConfig } from '../config.ts';
import { ConfigError } from '../settings.ts';

/** What `--help` says beside commands and options. */
const afterHelp = `
Settings come from the environment; docs/operators.md lists them all. The ones to begin with:
  WALDUR_URL, DANUBE_URL        where the clouds are; with neither, "serve" runs the sandbox
  WALDUR_TOKEN, DANUBE_API_KEY  credentials for requests that bring none of their own
  HOST, PORT                    where to listen: 127.0.0.1 and 4000
  METRICS_PORT                  a port for /metrics and /health alone

Exit codes:
  0  ended as it was told to; for "check": everything can be used
  1  failed: a port is taken; for "check": a cloud cannot be used as it is configured;
     for "health": not ready
  2  the command line or a setting is wrong

Examples:
  stratograph                                          the sandbox, in a browser at once
  WALDUR_URL=https://waldur.example.com stratograph check
  stratograph sandbox --size large --latency 80ms --fault waldur.projects=503@10%
  stratograph schema --subgraph > stratograph.graphql
`;

/** A command line that cannot be carried out. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

const exitCodes = { failed: 1, misused: 2 };

interface SandboxFlags {
  readonly seed?: string;
  readonly size?: 'small' | 'medium' | 'large';
  readonly port?: string;
  readonly latency?: number;
  readonly fault: readonly string[];
}

function milliseconds(text: string): number {
  const [, number, unit] = /^(\d{1,6}(?:\.\d+)?)(ms|s)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new InvalidArgumentError('It has to be a time such as 80ms or 1.5s.');
  }
  return Number(number) * (unit === 's' ? 1_000 : 1);
}

const collect = (text: string, before: readonly string[]) => [...before, text];

/** @throws {UsageError} naming the first that cannot be read */
async function checkFaults(texts: readonly string[]): Promise<void> {
  const { faultIn } = await import('../sandbox/faults.ts');
  const wrong = texts.find((text) => faultIn(text, 0) === undefined);
  if (wrong !== undefined) {
    const form = 'cloud[.collection]=what[@share%], such as waldur.projects=503@10%';
    throw new UsageError(`error: --fault ${wrong} has to be ${form}`);
  }
}

async function serveConfigured(): Promise<void> {
  const config = readConfig(process.env);
  const { onItsClouds, serve } = await import('./serve.ts');
  if (config.waldur !== undefined || config.danube !== undefined) {
    await serve(onItsClouds(config));
    return;
  }
  console.log('No cloud is configured, so a sandbox of both is running. Its callers:\n');
  const { sandboxed } = await import('./sandboxed.ts');
  await serve(await sandboxed(config));
}

async function serveSandbox({ seed, size, port, latency, fault }: SandboxFlags): Promise<void> {
  const { WALDUR_URL, WALDUR_TOKEN, DANUBE_URL, DANUBE_API_KEY, ...env } = process.env;
  const config = readConfig({
    ...env,
    // It is no production, whatever the machine is.
    NODE_ENV: undefined,
    ...(seed === undefined ? {} : { SANDBOX_SEED: seed }),
    ...(port === undefined ? {} : { PORT: port }),
  });
  await checkFaults(fault);
  const { namedSizes } = await import('../sandbox/sizes.ts');
  const { sandboxed } = await import('./sandboxed.ts');
  const { serve } = await import('./serve.ts');
  const sizes = { ...namedSizes[size ?? 'medium'], ...config.sandbox.sizes };
  console.log('A sandbox of both clouds is running. Its callers:\n');
  await serve(
    await sandboxed(
      { ...config, sandbox: { ...config.sandbox, sizes } },
      { faults: fault, latencyMs: latency ?? 0 },
    ),
  );
}

async function checkClouds(): Promise<void> {
  const config: Config = readConfig(process.env);
  const { readManifest } = await import('../edge/persisted-operations.ts');
  readManifest(config.persisted.manifest);
  console.log('The settings are valid.');
  const { check } = await import('./check.ts');
  const found = await check(config);
  for (const [cloud, { isFine, lines }] of found) {
    console.log(`\n${isFine ? '✓' : '✗'} ${cloud}`);
    for (const line of lines) {
      console.log(`  ${line}`);
    }
  }
  if (found.size === 0) {
    console.log('No cloud is configured: "serve" would run the sandbox.');
  }
  const areFine = [...found.values()].every(({ isFine }) => isFine);
  process.exitCode = areFine ? 0 : exitCodes.failed;
}

async function askHealth({ live }: { readonly live?: true }): Promise<void> {
  const { host, port, metrics } = readConfig({ ...process.env, NODE_ENV: undefined });
  const anywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
  const name = anywhere[host] ?? (host.includes(':') ? `[${host}]` : host);
  const url = `http://${name}:${metrics.port ?? port}/health/${live ? 'live' : 'ready'}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    console.log(await response.text());
    process.exitCode = response.ok ? 0 : exitCodes.failed;
  } catch {
    console.error(`Nothing answers at ${url}.`);
    process.exitCode = exitCodes.failed;
  }
}

async function printSchema({ subgraph }: { readonly subgraph?: true }): Promise<void> {
  const { printPublished, printWhole } = await import('../graph/supergraph.ts');
  const { schema } = await import('../schema.ts');
  process.stdout.write(subgraph ? printPublished(schema) : printWhole(schema));
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

function commands(): Command {
  const program = new Command('stratograph')
    .description('One GraphQL graph over Waldur and Danube Cloud.')
    .version(version())
    .addHelpText('after', afterHelp)
    .showHelpAfterError('(stratograph --help says what there is)');
  program
    .command('serve', { isDefault: true })
    .description('run the gateway on the clouds of the settings, or on the sandbox without any')
    .action(serveConfigured);
  program
    .command('sandbox')
    .description('run the gateway on simulated clouds, whatever the settings say')
    .option('--seed <number>', 'the same number gives the same world')
    .addOption(
      new Option('--size <size>', 'how much there is in it').choices(['small', 'medium', 'large']),
    )
    .option('--port <port>', 'where the gateway listens; 0 for any free port')
    .option('--latency <time>', 'of each answer of the clouds, such as 80ms', milliseconds)
    .option(
      '--fault <fault>',
      'cloud[.collection]=what[@share%]: a status from 400 to 599, reset, hang, truncate or html; can be repeated',
      collect,
      [],
    )
    .action(serveSandbox);
  program
    .command('check')
    .description('look at the settings, and at each cloud with its configured credential')
    .action(checkClouds);
  program
    .command('health')
    .description('ask the instance on this machine whether it is ready, as container probes do')
    .option('--live', 'only whether it runs')
    .action(askHealth);
  program
    .command('schema')
    .description('print the graph as SDL')
    .option('--subgraph', 'as it is published to a supergraph')
    .action(printSchema);
  return program;
}

/**
 * Carries out a command line; what goes wrong is told on standard error, and by the exit code.
 *
 * @param argv - as Node gives it
 */
export async function run(argv: readonly string[]): Promise<void> {
  collectDefaultMetrics();
  // Whoever reads only the beginning, such as `head`, has gone by the end.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
  const program = commands();
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    fail(error);
  }
}

/** A fault of the settings or a taken port is for the operator to mend: no stack is needed for it. */
function fail(error: unknown): void {
  const { code, message, exitCode } = error as {
    readonly code?: string;
    readonly message: string;
    readonly exitCode?: number;
  };
  if (code?.startsWith('commander.')) {
    // It has said why, or was only asked for help.
    process.exitCode = exitCode === 0 ? 0 : exitCodes.misused;
    return;
  }
  const isMisused = error instanceof ConfigError || error instanceof UsageError;
  console.error(isMisused || code !== undefined ? message : error);
  process.exitCode = isMisused ? exitCodes.misused : exitCodes.failed;
}
