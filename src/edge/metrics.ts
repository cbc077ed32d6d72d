/** What operators watch, as Prometheus reads it. */

import {
  Counter,
  type CounterConfiguration,
  Gauge,
  Histogram,
  type HistogramConfiguration,
  Registry,
  register,
} from 'prom-client';
import type { UpstreamName } from '../failure.ts';
import type { Tally } from '../session/tally.ts';
import type { ObservedCall } from '../upstream/http/asker.ts';
import type { UpstreamVitals } from '../upstream/http/way.ts';
import type { Weighing } from '../upstream/waldur/source.ts';
import { openOftenCounter } from './often-counter.ts';

/** In seconds. */
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const batches = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
const costs = [1, 10, 100, 500, 1_000, 5_000, 10_000, 50_000];
const circuits = ['closed', 'half-open', 'open'] as const;

/**
 * `ok` has no errors, `partial` has some beside what could be answered, `failed` nothing else; of what was
 * `left` nobody has seen the answer.
 */
export type Outcome = 'ok' | 'partial' | 'failed' | 'left';

export interface EndedOperation {
  /** Null for one without a name. */
  readonly name: string | null;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly cost: number;
  readonly topUps: number;
  readonly tally: Tally;
}

/** What is read when somebody asks; of several processes as each one's `aggregator` says. */
export interface Gauges {
  readonly upstreams: () => readonly (UpstreamVitals & { readonly name: UpstreamName })[];
  readonly lagMs: () => number;
  /** Undefined for one that knows of no other. */
  readonly instances: () =>
    | { readonly size: number; readonly health: { readonly state: string } }
    | undefined;
}

/** What is told to it, and how it is read. */
export interface Metrics {
  readonly onOperation: (operation: EndedOperation) => void;
  /** @returns tells that it has ended */
  readonly onSubscription: () => () => void;
  /** @param code - as clients are told */
  readonly onError: (code: string) => void;
  readonly onResponse: (status: number) => void;
  readonly onCall: (call: ObservedCall) => void;
  readonly onRows: (call: ObservedCall, rows: number) => void;
  readonly onPlan: (weighing: Weighing) => void;
  /** All of this gateway and the process, in Prometheus' text format. */
  readonly text: () => Promise<string>;
  readonly contentType: string;
  readonly registry: Registry;
}

/**
 * @param knownNames - of operations that have a name of their own here: any other is `other`, as
 *   clients can make up as many as they like
 */
export function openMetrics(knownNames: ReadonlySet<string>, gauges: Gauges): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(configuration: CounterConfiguration<L>) =>
    new Counter<L>({ ...configuration, registers });
  const oftenCounter = <L extends string>(configuration: CounterConfiguration<L>) =>
    openOftenCounter({ ...configuration, registers });
  const histogram = <L extends string>(configuration: HistogramConfiguration<L>) =>
    new Histogram<L>({ ...configuration, registers });

  const operations = histogram({
    name: 'stratograph_operation_duration_seconds',
    help: 'Operations from their execution to their answer.',
    labelNames: ['operation', 'type', 'outcome'],
    buckets: durations,
  });
  const operationCosts = histogram({
    name: 'stratograph_operation_cost',
    help: 'What operations were reckoned to cost, as MAX_COST counts.',
    labelNames: ['type'],
    buckets: costs,
  });
  const joined = counter({
    name: 'stratograph_joined_operations_total',
    help: 'Operations that were answered with the same query of the same caller under way.',
  });
  const unchanged = counter({
    name: 'stratograph_unchanged_operations_total',
    help: 'Operations that were answered as the last time, since nothing of what they read had changed.',
  });
  const freeLinks = counter({
    name: 'stratograph_free_links_total',
    help: 'Links that rows in hand answered without a call.',
  });
  const topUps = counter({
    name: 'stratograph_top_ups_total',
    help: 'Properties that selection analysis missed; each cost a call.',
  });
  const errors = counter({
    name: 'stratograph_errors_total',
    help: 'Errors in answers, by code.',
    labelNames: ['code'],
  });
  const responses = oftenCounter({
    name: 'stratograph_http_responses_total',
    help: 'Answers to clients, by HTTP status.',
    labelNames: ['status'],
  });
  const subscriptions = new Gauge({
    name: 'stratograph_open_subscriptions',
    help: 'Subscriptions that somebody listens to.',
    registers,
  });
  const calls = histogram({
    name: 'stratograph_upstream_call_duration_seconds',
    help: "Calls to a cloud from asking to the answer's end, waiting and retries included.",
    labelNames: ['upstream', 'method', 'route', 'status'],
    buckets: durations,
  });
  const bytes = oftenCounter({
    name: 'stratograph_upstream_bytes_total',
    help: 'Bytes of bodies that clouds have answered with.',
    labelNames: ['upstream', 'route'],
  });
  const rows = oftenCounter({
    name: 'stratograph_upstream_rows_total',
    help: 'Rows that clouds have answered with.',
    labelNames: ['upstream', 'route'],
  });
  const sharedCalls = counter({
    name: 'stratograph_shared_calls_total',
    help: 'Calls that were not made, since the same one of the same caller was under way.',
    labelNames: ['upstream'],
  });
  const retries = counter({
    name: 'stratograph_upstream_retries_total',
    help: 'Readings that were sent again.',
    labelNames: ['upstream'],
  });
  const batchSizes = histogram({
    name: 'stratograph_batch_size',
    help: 'Things or lists that were asked for in one tick, and planned together.',
    labelNames: ['noun', 'plan'],
    buckets: batches,
  });
  new Gauge({
    name: 'stratograph_circuit_state',
    aggregator: 'max',
    help: '1 for the state that the circuit to a cloud is in; open lets no call through.',
    labelNames: ['upstream', 'state'],
    registers,
    collect() {
      for (const { name: upstream, circuit } of gauges.upstreams()) {
        for (const state of circuits) {
          this.set({ upstream, state }, state === circuit ? 1 : 0);
        }
      }
    },
  });
  new Gauge({
    name: 'stratograph_upstream_calls',
    help: 'Calls to a cloud that are waiting for their turn, or under way.',
    labelNames: ['upstream', 'phase'],
    registers,
    collect() {
      for (const { name: upstream, calls: all, waiting } of gauges.upstreams()) {
        this.set({ upstream, phase: 'waiting' }, waiting);
        this.set({ upstream, phase: 'under_way' }, all - waiting);
      }
    },
  });
  new Gauge({
    name: 'stratograph_budget_left',
    aggregator: 'min',
    help: 'Calls that the credential with the fewest left may make now.',
    labelNames: ['upstream'],
    registers,
    collect() {
      for (const { name: upstream, leastLeft } of gauges.upstreams()) {
        if (leastLeft !== undefined) {
          this.set({ upstream }, leastLeft);
        }
      }
    },
  });
  new Gauge({
    name: 'stratograph_event_loop_lag_seconds',
    aggregator: 'max',
    help: 'How late the process is, or how long requests wait for it, on average over the last second; above MAX_LAG_MS it refuses.',
    registers,
    collect() {
      this.set(gauges.lagMs() / 1_000);
    },
  });

  new Gauge({
    name: 'stratograph_instances',
    aggregator: 'max',
    help: 'Instances that act as one, this one among them, as last seen.',
    registers,
    collect() {
      this.set(gauges.instances()?.size ?? 1);
    },
  });
  if (gauges.instances() !== undefined) {
    new Gauge({
      name: 'stratograph_redis_up',
      aggregator: 'min',
      help: '1 while Redis answers; 0 while each instance is on its own.',
      registers,
      collect() {
        this.set(gauges.instances()?.health.state === 'up' ? 1 : 0);
      },
    });
  }

  // A counter that is born with its first error hides it from `increase`.
  errors.inc({ code: 'INTERNAL_SERVER_ERROR' }, 0);
  for (const { name: upstream } of gauges.upstreams()) {
    retries.inc({ upstream }, 0);
  }

  const labelOf = (name: string | null) =>
    name === null ? 'anonymous' : knownNames.has(name) ? name : 'other';

  return {
    onOperation({ name, type, outcome, durationMs, cost, topUps: missed, tally }) {
      operations.observe({ operation: labelOf(name), type, outcome }, durationMs / 1_000);
      operationCosts.observe({ type }, cost);
      // Most operations have neither, and counting costs the same for none.
      if (tally.freeLinks > 0) {
        freeLinks.inc(tally.freeLinks);
      }
      if (missed > 0) {
        topUps.inc(missed);
      }
      if (tally.hasJoined) {
        joined.inc();
      }
      if (tally.isUnchanged) {
        unchanged.inc();
      }
    },
    onSubscription() {
      subscriptions.inc();
      return () => subscriptions.dec();
    },
    onError: (code) => errors.inc({ code }),
    onResponse: (status) => responses(String(status), { status }, 1),
    onCall({ upstream, method, route, status, durationMs, bytes: length, shared, tries }) {
      if (shared) {
        sharedCalls.inc({ upstream });
        return;
      }
      const statusClass = status === null ? 'none' : `${Math.floor(status / 100)}xx`;
      calls.observe({ upstream, method, route, status: statusClass }, durationMs / 1_000);
      bytes(`${upstream} ${route}`, { upstream, route }, length);
      if (tries > 1) {
        retries.inc({ upstream }, tries - 1);
      }
    },
    onRows({ upstream, route, shared }, count) {
      if (!shared) {
        rows(`${upstream} ${route}`, { upstream, route }, count);
      }
    },
    onPlan: ({ noun, size, taken }) => batchSizes.observe({ noun, plan: taken.plan.kind }, size),
    text: () => Registry.merge([registry, register]).metrics(),
    contentType: registry.contentType,
    registry,
  };
}
