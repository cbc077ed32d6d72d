/** Settings: environment in, one checked value out. */

import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
  /** NODE_ENV is `production`. */
  readonly isProduction: boolean;
  /** Whether browsers get GraphiQL at the graph's address. */
  readonly graphiql: boolean;
  /** Absent when not configured: its fields then say so. */
  readonly waldur: { readonly url: URL; readonly token: string | undefined } | undefined;
  readonly danube: { readonly url: URL; readonly apiKey: string | undefined } | undefined;
  /** From a call to an upstream to its answer's last byte. */
  readonly upstreamTimeoutMs: number;
  /** Calls that Danube takes from one user. */
  readonly danubeRate: DanubeRate;
  /** How often what is watched is looked at. */
  readonly watching: Watching;
  /** How many entities one operation may refer to. */
  readonly maxReferences: number;
  readonly planning: Planning;
  /** Whether clients may ask how an answer came about. */
  readonly explain: boolean;
  /** When what was changed is looked at again, for mutations that wait. */
  readonly polling: Polling;
  /** Used where a request names none. */
  readonly danubeDatacenter: string;
  readonly sandbox: SandboxConfig;
}

/** What the planner weighs calls against, in a unit of its own. */
export interface Planning {
  /** A call, whatever it brings. */
  readonly call: number;
  /** A row in an answer. */
  readonly row: number;
  /** A field of a row that costs the cloud's database queries of its own. */
  readonly expensive: number;
}

/** All in milliseconds. */
export interface Polling {
  /** From the change to the first look. */
  readonly firstMs: number;
  /** Between the first looks. */
  readonly leastMs: number;
  /** Between later looks. */
  readonly mostMs: number;
}

/** All in milliseconds. */
export interface Watching {
  /** Between looks while things change. */
  readonly leastMs: number;
  /** Between looks while nothing does. */
  readonly mostMs: number;
  /** How long looks may fail before watchers are told. */
  readonly patienceMs: number;
}

export interface DanubeRate {
  /** Infinity for no limit. */
  readonly calls: number;
  readonly windowMs: number;
}

export interface SandboxConfig {
  readonly seed: number;
  /** Whether POST to Waldur's collection of server groups creates one. */
  readonly serverGroupPost: boolean;
  /** Danube's calls a minute and user; null = no limit. */
  readonly callsPerMinute: number | null;
  /** How many of each there are; the sandbox's own number where absent. */
  readonly sizes: Readonly<Partial<Record<SandboxSize, number>>>;
}

export const sandboxSizes = [
  'customers',
  'projects',
  'tenants',
  'securityGroups',
  'serverGroups',
  'allocations',
  'datacenters',
  'machines',
] as const;
export type SandboxSize = (typeof sandboxSizes)[number];

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** Every fault of the settings, by name and without a value: values may be secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `The settings have ${faults.length === 1 ? 'a fault' : 'faults'}:\n- ${faults.join('\n- ')}`,
    );
    this.faults = faults;
  }
}

/** One line of printable ASCII: anything else cannot go into a header. */
const secret = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable and without spaces');

const upstreamUrl = z
  .string()
  .transform((text) => URL.parse(text))
  .refine((url) => url !== null && /^https?:$/.test(url.protocol), {
    message: 'must be an http or https URL',
  })
  .refine((url) => url === null || (url.username === '' && url.password === ''), {
    message: 'must not hold credentials',
  })
  .refine((url) => url === null || (url.search === '' && url.hash === ''), {
    message: 'must end with its path',
  })
  .transform((url) => {
    const origin = new URL(url ?? 'http://invalid');
    // People copy the address with its /api; the gateway adds that itself.
    origin.pathname = origin.pathname.replace(/\/+$/, '').replace(/\/api$/, '');
    return origin;
  });

const whole = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((number) => number >= from && number <= to, {
      message: `must be a whole number from ${from} to ${to}`,
    });

const flag = z
  .enum(['true', 'false', '1', '0'], 'must be true or false')
  .transform((text) => text === 'true' || text === '1');

/** Zero is no cost at all. */
const weight = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,6})?$/, 'must be a number from 0 on, such as 0.25')
  .transform(Number);

const settings = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  NODE_ENV: z.string().optional(),
  GRAPHIQL: flag.optional(),
  WALDUR_URL: upstreamUrl.optional(),
  WALDUR_TOKEN: secret.optional(),
  DANUBE_URL: upstreamUrl.optional(),
  DANUBE_API_KEY: secret.optional(),
  DANUBE_DATACENTER: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,15}$/, 'must be a datacenter name of Danube Cloud')
    .default('main'),
  DANUBE_CALLS_PER_MINUTE: whole(0, 999_999).default(45),
  UPSTREAM_TIMEOUT_MS: whole(1, 600_000).default(30_000),
  MAX_REFERENCES: whole(1, 100_000).default(1_000),
  EXPLAIN: flag.default(true),
  PLAN_COST_OF_CALL: weight.default(100),
  PLAN_COST_OF_ROW: weight.default(0.25),
  PLAN_COST_OF_EXPENSIVE_FIELD: weight.default(0.5),
  POLL_FIRST_MS: whole(1, 600_000).default(2_000),
  POLL_LEAST_MS: whole(1, 600_000).default(1_000),
  POLL_MOST_MS: whole(1, 600_000).default(5_000),
  WATCH_LEAST_MS: whole(1, 600_000).default(2_000),
  WATCH_MOST_MS: whole(1, 600_000).default(15_000),
  WATCH_PATIENCE_MS: whole(1, 3_600_000).default(60_000),
  SANDBOX_SERVER_GROUP_POST: flag.default(false),
  SANDBOX_SEED: whole(0, 999_999_999).default(7),
  SANDBOX_CALLS_PER_MINUTE: whole(0, 999_999).default(45),
  SANDBOX_CUSTOMERS: whole(1, 100_000).optional(),
  SANDBOX_PROJECTS: whole(1, 100_000).optional(),
  SANDBOX_TENANTS: whole(1, 100_000).optional(),
  SANDBOX_SECURITY_GROUPS: whole(1, 100_000).optional(),
  SANDBOX_SERVER_GROUPS: whole(1, 100_000).optional(),
  SANDBOX_ALLOCATIONS: whole(1, 100_000).optional(),
  SANDBOX_DATACENTERS: whole(1, 100).optional(),
  SANDBOX_MACHINES: whole(1, 100_000).optional(),
});

/**
 * The settings in `env`; an empty value counts as absent, whatever is not ours is ignored.
 *
 * @throws {ConfigError} naming every fault, and no value: values may be secrets
 */
export function readConfig(env: Environment): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = settings.safeParse(given);
  const faults = parsed.success
    ? faultsBetween(parsed.data)
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError(faults);
  }
  const read = parsed.data;
  const isProduction = read.NODE_ENV === 'production';
  return {
    host: read.HOST,
    port: read.PORT,
    logLevel: read.LOG_LEVEL,
    isProduction,
    graphiql: read.GRAPHIQL ?? !isProduction,
    waldur: read.WALDUR_URL && { url: read.WALDUR_URL, token: read.WALDUR_TOKEN },
    danube: read.DANUBE_URL && { url: read.DANUBE_URL, apiKey: read.DANUBE_API_KEY },
    upstreamTimeoutMs: read.UPSTREAM_TIMEOUT_MS,
    maxReferences: read.MAX_REFERENCES,
    explain: read.EXPLAIN,
    planning: {
      call: read.PLAN_COST_OF_CALL,
      row: read.PLAN_COST_OF_ROW,
      expensive: read.PLAN_COST_OF_EXPENSIVE_FIELD,
    },
    polling: {
      firstMs: read.POLL_FIRST_MS,
      leastMs: read.POLL_LEAST_MS,
      mostMs: read.POLL_MOST_MS,
    },
    watching: {
      leastMs: read.WATCH_LEAST_MS,
      mostMs: read.WATCH_MOST_MS,
      patienceMs: read.WATCH_PATIENCE_MS,
    },
    danubeDatacenter: read.DANUBE_DATACENTER,
    danubeRate: {
      calls:
        read.DANUBE_CALLS_PER_MINUTE === 0
          ? Number.POSITIVE_INFINITY
          : read.DANUBE_CALLS_PER_MINUTE,
      windowMs: 60_000,
    },
    sandbox: {
      seed: read.SANDBOX_SEED,
      serverGroupPost: read.SANDBOX_SERVER_GROUP_POST,
      callsPerMinute: read.SANDBOX_CALLS_PER_MINUTE === 0 ? null : read.SANDBOX_CALLS_PER_MINUTE,
      sizes: sizesIn(read),
    },
  };
}

/** Faults that no single setting has. */
function faultsBetween(read: z.output<typeof settings>): string[] {
  const faults: string[] = [];
  if (read.WALDUR_TOKEN !== undefined && read.WALDUR_URL === undefined) {
    faults.push('WALDUR_TOKEN needs WALDUR_URL');
  }
  if (read.DANUBE_API_KEY !== undefined && read.DANUBE_URL === undefined) {
    faults.push('DANUBE_API_KEY needs DANUBE_URL');
  }
  if (read.POLL_MOST_MS < read.POLL_LEAST_MS) {
    faults.push('POLL_MOST_MS must not be less than POLL_LEAST_MS');
  }
  if (read.WATCH_MOST_MS < read.WATCH_LEAST_MS) {
    faults.push('WATCH_MOST_MS must not be less than WATCH_LEAST_MS');
  }
  const isConfigured = read.WALDUR_URL !== undefined || read.DANUBE_URL !== undefined;
  if (read.NODE_ENV === 'production' && !isConfigured) {
    faults.push('WALDUR_URL or DANUBE_URL is needed in production, where there is no sandbox');
  }
  return faults;
}

function sizesIn(read: z.output<typeof settings>): SandboxConfig['sizes'] {
  const sizes: Partial<Record<SandboxSize, number>> = {};
  for (const size of sandboxSizes) {
    const name = `SANDBOX_${size.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
    const given = read[name as keyof typeof read];
    if (typeof given === 'number') {
      sizes[size] = given;
    }
  }
  return sizes;
}
