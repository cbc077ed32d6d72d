/** Settings: environment in, one checked value out. */

import {
  ConfigError,
  faultsBetween,
  type logLevels,
  type SandboxSizes,
  sandboxSizesIn,
  settings,
} from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Processes on one port. */
  readonly workers: number;
  /** Those of all instances: what a cloud allows is divided among them while they cannot count each other. */
  readonly processes: number;
  readonly metrics: MetricsConfig;
  /** Undefined for one that knows of no other. */
  readonly instances: InstancesConfig | undefined;
  /** Undefined without a collector. */
  readonly traces: TracesConfig | undefined;
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
  readonly limits: Limits;
  readonly resilience: Resilience;
  /** Whether clients may ask for the schema. */
  readonly introspection: boolean;
  /** What queries of which nothing changes may take of memory. */
  readonly unchangedBytes: number;
  /** Sites whose pages may ask; none by default. */
  readonly corsOrigins: readonly string[];
  /** Addresses of proxies that are believed about whom they speak for. */
  readonly trustedProxies: readonly string[];
  readonly persisted: Persisted;
  /** How long running operations have when the process is told to end, in milliseconds. */
  readonly graceMs: number;
  /** Used where a request names none. */
  readonly danubeDatacenter: string;
  readonly sandbox: SandboxConfig;
}

/** Where instances meet. */
export interface InstancesConfig {
  /** A secret may be in it. */
  readonly url: string;
  /** How long Redis may take for a command before it counts as away, in milliseconds. */
  readonly timeoutMs: number;
  /** The same for all instances. */
  readonly secret: string;
}

export interface TracesConfig {
  /** Of the traces that begin here, from 0 to 1. */
  readonly share: number;
  /** How long spans are gathered before they are sent, in milliseconds. */
  readonly delayMs: number;
}

export interface MetricsConfig {
  /** Whether they are told at all. */
  readonly isTold: boolean;
  /** A port for operators alone; beside the graph where absent. */
  readonly port: number | undefined;
  /** Operations that have a name of their own in them, beside the manifest's. */
  readonly operations: readonly string[];
}

/** What clients may ask of the gateway. */
export interface Limits {
  /** Of a request's body. */
  readonly bodyBytes: number;
  readonly tokens: number;
  /** Fields inside fields. */
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly rootFields: number;
  /** Of one operation, with its variables. */
  readonly cost: number;
  /** Of one caller in a minute; Infinity for no limit. */
  readonly costPerMinute: number;
  /** For one query or mutation, in milliseconds; what it waits for comes on top. */
  readonly operationMs: number;
  /** How late the event loop may be over a second, in milliseconds; 0 for any. */
  readonly lagMs: number;
}

export interface Resilience {
  /** More tries of a reading that failed in passing. */
  readonly retries: number;
  /** From the opening of a circuit to the first call that tries it again, in milliseconds. */
  readonly restMs: number;
  /** Calls to one upstream under way and waiting, of all callers. */
  readonly calls: number;
  /** Calls to one upstream under way, of one caller. */
  readonly callsAtATime: number;
  /** How long what a caller has read of customers, projects and tenants holds, in milliseconds; 0 for not at all. */
  readonly keepOwnersMs: number;
}

/** Operations that are known beforehand. */
export interface Persisted {
  /** A file of documents by id; undefined for none. */
  readonly manifest: string | undefined;
  /** Whether no others are answered. */
  readonly only: boolean;
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
  readonly sizes: SandboxSizes;
}

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
    workers: read.WORKERS,
    processes: read.INSTANCES * read.WORKERS,
    metrics: {
      isTold: read.METRICS,
      port: read.METRICS_PORT,
      operations: read.METRICS_OPERATIONS,
    },
    instances:
      read.REDIS_URL === undefined
        ? undefined
        : {
            url: read.REDIS_URL,
            timeoutMs: read.REDIS_TIMEOUT_MS,
            secret: read.INSTANCES_SECRET ?? '',
          },
    traces:
      read.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : { share: read.OTEL_TRACES_SAMPLER_ARG, delayMs: read.OTEL_BSP_SCHEDULE_DELAY },
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
    limits: {
      bodyBytes: read.MAX_BODY_BYTES,
      tokens: read.MAX_TOKENS,
      depth: read.MAX_DEPTH,
      aliases: read.MAX_ALIASES,
      directives: read.MAX_DIRECTIVES,
      rootFields: read.MAX_ROOT_FIELDS,
      cost: read.MAX_COST,
      costPerMinute: read.MAX_COST_PER_MINUTE || Number.POSITIVE_INFINITY,
      operationMs: read.OPERATION_TIMEOUT_MS,
      lagMs: read.MAX_LAG_MS,
    },
    resilience: {
      retries: read.UPSTREAM_RETRIES,
      restMs: read.UPSTREAM_REST_MS,
      calls: read.MAX_CALLS,
      callsAtATime: read.CALLS_AT_A_TIME,
      keepOwnersMs: read.KEEP_OWNERS_MS,
    },
    introspection: read.INTROSPECTION ?? !isProduction,
    unchangedBytes: read.KEEP_UNCHANGED_MIB * 1_048_576,
    corsOrigins: read.CORS_ORIGINS,
    trustedProxies: read.TRUSTED_PROXIES,
    persisted: { manifest: read.PERSISTED_OPERATIONS, only: read.PERSISTED_OPERATIONS_ONLY },
    graceMs: read.SHUTDOWN_GRACE_MS,
    danubeDatacenter: read.DANUBE_DATACENTER,
    danubeRate: {
      calls: read.DANUBE_CALLS_PER_MINUTE || Number.POSITIVE_INFINITY,
      windowMs: 60_000,
    },
    sandbox: {
      seed: read.SANDBOX_SEED,
      serverGroupPost: read.SANDBOX_SERVER_GROUP_POST,
      callsPerMinute: read.SANDBOX_CALLS_PER_MINUTE === 0 ? null : read.SANDBOX_CALLS_PER_MINUTE,
      sizes: sandboxSizesIn(read),
    },
  };
}
