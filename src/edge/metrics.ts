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
import type { Tally } from '../session/tally.ts';
import type { ObservedCall } from '../upstream/http/asker.ts';
import type { Weighing } from '../upstream/waldur/source.ts';
import { Batch, Run } from './batch.ts';
import { type Gauges, openGauges } from './gauges.ts';

/** In seconds. */
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const batches = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
const costs = [1, 10, 100, 500, 1_000, 5_000, 10_000, 50_000];

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
  const gathered: Pick<Batch<never>, 'flush'>[] = [];
  /** Of counters: what is gathered may add to them. */
  const runs: Pick<Run<never>, 'flush'>[] = [];
  /** Before any is read. */
  const collect = () => {
    for (const batch of [...gathered, ...runs]) {
      batch.flush();
    }
  };
  const inBatches = <T>(tell: (thing: T) => void) => {
    const batch = new Batch(tell);
    gathered.push(batch);
    return (thing: T) => batch.add(thing);
  };
  const counter = <L extends string>(configuration: CounterConfiguration<L>) =>
    new Counter<L>({ ...configuration, registers, collect });
  /** How to add to a counter that most requests add to. */
  const inRuns = <L extends string>(of: Counter<L>) => {
    const run = new Run<Readonly<Record<L, string | number>>>((labels, sum) => of.inc(labels, sum));
    runs.push(run);
    return run;
  };
  const histogram = <L extends string>(configuration: HistogramConfiguration<L>) =>
    new Histogram<L>({ ...configuration, registers, collect });

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
  const unchanged = inRuns(
    counter({
      name: 'stratograph_unchanged_operations_total',
      help: 'Operations that were answered as the last time, since nothing of what they read had changed.',
    }),
  );
  const freeLinks = inRuns(
    counter({
      name: 'stratograph_free_links_total',
      help: 'Links that rows in hand answered without a call.',
    }),
  );
  const topUps = counter({
    name: 'stratograph_top_ups_total',
    help: 'Properties that selection analysis missed; each cost a call.',
  });
  const errors = counter({
    name: 'stratograph_errors_total',
    help: 'Errors in answers, by code.',
    labelNames: ['code'],
  });
  const responses = inRuns(
    counter({
      name: 'stratograph_http_responses_total',
      help: 'Answers to clients, by HTTP status.',
      labelNames: ['status'],
    }),
  );
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
  const bytes = inRuns(
    counter({
      name: 'stratograph_upstream_bytes_total',
      help: 'Bytes of bodies that clouds have answered with.',
      labelNames: ['upstream', 'route'],
    }),
  );
  const rows = inRuns(
    counter({
      name: 'stratograph_upstream_rows_total',
      help: 'Rows that clouds have answered with.',
      labelNames: ['upstream', 'route'],
    }),
  );
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
  openGauges(registry, gauges);

  // A counter that is born with its first error hides it from `increase`.
  errors.inc({ code: 'INTERNAL_SERVER_ERROR' }, 0);
  for (const { name: upstream } of gauges.upstreams()) {
    retries.inc({ upstream }, 0);
  }

  const labelOf = (name: string | null) =>
    name === null ? 'anonymous' : knownNames.has(name) ? name : 'other';

  const onOperation = inBatches((operation: EndedOperation) => {
    const { name, type, outcome, durationMs, cost, topUps: missed, tally } = operation;
    operations.observe({ operation: labelOf(name), type, outcome }, durationMs / 1_000);
    operationCosts.observe({ type }, cost);
    // Most operations have none of these, and counting costs the same for none.
    if (tally.freeLinks > 0) {
      freeLinks.add({}, tally.freeLinks);
    }
    if (missed > 0) {
      topUps.inc(missed);
    }
    if (tally.hasJoined) {
      joined.inc();
    }
    if (tally.isUnchanged) {
      unchanged.add({}, 1);
    }
  });
  const onCall = inBatches((call: ObservedCall) => {
    const { upstream, method, route, status, durationMs, bytes: length, shared, tries } = call;
    if (shared) {
      sharedCalls.inc({ upstream });
      return;
    }
    const statusClass = status === null ? 'none' : `${Math.floor(status / 100)}xx`;
    calls.observe({ upstream, method, route, status: statusClass }, durationMs / 1_000);
    bytes.add({ upstream, route }, length);
    if (tries > 1) {
      retries.inc({ upstream }, tries - 1);
    }
  });
  return {
    onOperation,
    onSubscription() {
      subscriptions.inc();
      return () => subscriptions.dec();
    },
    onError: (code) => errors.inc({ code }),
    onResponse: (status) => responses.add({ status }, 1),
    onCall,
    onRows: ({ upstream, route, shared }, count) => {
      if (!shared) {
        rows.add({ upstream, route }, count);
      }
    },
    onPlan: inBatches(({ noun, size, taken }) =>
      batchSizes.observe({ noun, plan: taken.plan.kind }, size),
    ),
    text: () => Registry.merge([registry, register]).metrics(),
    contentType: registry.contentType,
    registry,
  };
}
