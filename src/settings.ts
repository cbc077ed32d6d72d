/** The settings' variables: how each is read, what it is when it is not given, and what may be wrong with them. */

import { isIP } from 'node:net';
import { z } from 'zod';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** One line of printable ASCII: anything else cannot go into a header. */
const secret = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable and without spaces');

/** Whoever uses it adds to its path, and sends no credentials from it. */
const httpUrl = z
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
  });

const upstreamUrl = httpUrl.transform((url) => {
  const origin = new URL(url ?? 'http://invalid');
  // People copy the address with its /api; the gateway adds that itself.
  origin.pathname = origin.pathname.replace(/\/+$/, '').replace(/\/api$/, '');
  return origin;
});

const redisUrl = z.string().refine((text) => /^rediss?:$/.test(URL.parse(text)?.protocol ?? ''), {
  message: 'must be a redis or rediss URL',
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

const share = z
  .string()
  .regex(/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/, 'must be a share from 0 to 1, such as 0.1')
  .transform(Number);

const listOf = (isOne: (part: string) => boolean, message: string) =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .refine((parts) => parts.every(isOne), { message });

const isOrigin = (text: string) => URL.parse(text)?.origin === text && text !== 'null';

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const isLength = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  return family !== 0 && isLength && more.length === 0;
}

const isName = (text: string) => /^[_A-Za-z][_0-9A-Za-z]*$/.test(text);

/** Every variable that is read, with what it may be. */
export const settings = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  WORKERS: whole(1, 256).default(1),
  METRICS: flag.default(true),
  METRICS_PORT: whole(0, 65_535).optional(),
  METRICS_OPERATIONS: listOf(isName, 'must be names of GraphQL operations'),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  NODE_ENV: z.string().optional(),
  GRAPHIQL: flag.optional(),
  REDIS_URL: redisUrl.optional(),
  REDIS_TIMEOUT_MS: whole(1, 60_000).default(50),
  INSTANCES: whole(1, 10_000).default(1),
  INSTANCES_SECRET: secret.min(16, 'must have at least 16 characters').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_TRACES_SAMPLER_ARG: share.default(1),
  OTEL_BSP_SCHEDULE_DELAY: whole(1, 600_000).default(5_000),
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
  MAX_BODY_BYTES: whole(1, 100_000_000).default(262_144),
  MAX_TOKENS: whole(1, 1_000_000).default(2_000),
  MAX_DEPTH: whole(1, 1_000).default(12),
  MAX_ALIASES: whole(0, 100_000).default(30),
  MAX_DIRECTIVES: whole(0, 100_000).default(10),
  MAX_ROOT_FIELDS: whole(1, 100_000).default(20),
  MAX_COST: whole(1, 999_999_999).default(50_000),
  MAX_COST_PER_MINUTE: whole(0, 999_999_999).default(0),
  MAX_LAG_MS: whole(0, 600_000).default(250),
  MAX_CALLS: whole(1, 1_000_000).default(5_000),
  CALLS_AT_A_TIME: whole(1, 1_000).default(4),
  KEEP_OWNERS_MS: whole(0, 3_600_000).default(0),
  KEEP_UNCHANGED_MIB: whole(0, 65_536).default(16),
  OPERATION_TIMEOUT_MS: whole(1, 3_600_000).default(30_000),
  UPSTREAM_RETRIES: whole(0, 10).default(2),
  UPSTREAM_REST_MS: whole(1, 600_000).default(5_000),
  SHUTDOWN_GRACE_MS: whole(0, 600_000).default(10_000),
  INTROSPECTION: flag.optional(),
  CORS_ORIGINS: listOf(isOrigin, 'must be origins such as https://app.example.com'),
  TRUSTED_PROXIES: listOf(isNetwork, 'must be addresses or networks such as 10.0.0.0/8'),
  PERSISTED_OPERATIONS: z.string().optional(),
  PERSISTED_OPERATIONS_ONLY: flag.default(false),
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

export type ReadSettings = z.output<typeof settings>;

const sandboxSizes = [
  'customers',
  'projects',
  'tenants',
  'securityGroups',
  'serverGroups',
  'allocations',
  'datacenters',
  'machines',
] as const;
type SandboxSize = (typeof sandboxSizes)[number];
/** How many of each the sandbox has. */
export type SandboxSizes = Readonly<Partial<Record<SandboxSize, number>>>;

/** Those that are given. */
export function sandboxSizesIn(read: ReadSettings): SandboxSizes {
  const sizes: Partial<Record<SandboxSize, number>> = {};
  for (const size of sandboxSizes) {
    const name = `SANDBOX_${size.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
    const given = read[name as keyof ReadSettings];
    if (typeof given === 'number') {
      sizes[size] = given;
    }
  }
  return sizes;
}

/** Faults that no single setting has. */
export function faultsBetween(read: ReadSettings): string[] {
  const faults: string[] = [];
  if (read.WALDUR_TOKEN !== undefined && read.WALDUR_URL === undefined) {
    faults.push('WALDUR_TOKEN needs WALDUR_URL');
  }
  if (read.DANUBE_API_KEY !== undefined && read.DANUBE_URL === undefined) {
    faults.push('DANUBE_API_KEY needs DANUBE_URL');
  }
  if (read.REDIS_URL !== undefined && read.INSTANCES_SECRET === undefined) {
    faults.push('REDIS_URL needs INSTANCES_SECRET, the same for all instances');
  }
  if (read.POLL_MOST_MS < read.POLL_LEAST_MS) {
    faults.push('POLL_MOST_MS must not be less than POLL_LEAST_MS');
  }
  if (read.WATCH_MOST_MS < read.WATCH_LEAST_MS) {
    faults.push('WATCH_MOST_MS must not be less than WATCH_LEAST_MS');
  }
  if (read.PERSISTED_OPERATIONS_ONLY && read.PERSISTED_OPERATIONS === undefined) {
    faults.push('PERSISTED_OPERATIONS_ONLY needs PERSISTED_OPERATIONS');
  }
  const isConfigured = read.WALDUR_URL !== undefined || read.DANUBE_URL !== undefined;
  if (read.WORKERS > 1 && !isConfigured) {
    faults.push('WORKERS needs WALDUR_URL or DANUBE_URL: the sandbox is one process');
  }
  if (read.NODE_ENV === 'production' && !isConfigured) {
    faults.push('WALDUR_URL or DANUBE_URL is needed in production, where there is no sandbox');
  }
  return faults;
}

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
