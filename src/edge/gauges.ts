/** What operators see of how it is now: read when somebody asks, and counted by nobody. */

import { Gauge, type Registry } from 'prom-client';
import type { UpstreamName } from '../failure.ts';
import type { UpstreamVitals } from '../upstream/http/way.ts';

const circuits = ['closed', 'half-open', 'open'] as const;

/** What is read when somebody asks; of several processes as each one's `aggregator` says. */
export interface Gauges {
  readonly upstreams: () => readonly (UpstreamVitals & { readonly name: UpstreamName })[];
  readonly lagMs: () => number;
  /** Undefined for one that knows of no other. */
  readonly instances: () =>
    | { readonly size: number; readonly health: { readonly state: string } }
    | undefined;
}

/** @param registry - has them from then on; each asks `gauges` whenever it is read */
export function openGauges(registry: Registry, gauges: Gauges): void {
  const registers = [registry];
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
}
