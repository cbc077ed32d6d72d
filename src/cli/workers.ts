/** All cores: a process for each on one port, and one more that minds them. */

import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { AggregatorRegistry, type Registry, register } from 'prom-client';
import type { Config } from '../config.ts';

/** From a worker's end to another in its place. */
const restMs = 1_000;
const metricsMessage = 'stratograph:metrics';

/** A worker's question for the metrics of all of them, and the answer, with a text if they have told theirs. */
interface MetricsMessage {
  readonly type: typeof metricsMessage;
  readonly id: number;
  readonly text?: string;
}

function isOfMetrics(message: unknown): message is MetricsMessage {
  return (message as Partial<MetricsMessage> | null)?.type === metricsMessage;
}

/** Whether this process is one of several, which another minds. */
export function isWorker(): boolean {
  return cluster.isWorker;
}

/** What ties a worker to whoever minds it would keep it alive. */
export function leaveTeam(): void {
  cluster.worker?.disconnect();
}

/** Calls back when whoever minds this worker has gone; not when the worker leaves by itself. */
export function onOrphaned(listener: () => void): void {
  const { worker } = cluster;
  worker?.once('disconnect', () => {
    if (!worker.exitedAfterDisconnect) {
      // Node would exit at once, whatever is under way.
      worker.exitedAfterDisconnect = true;
      listener();
    }
  });
}

/**
 * The metrics of all workers, for one of them.
 *
 * @param own - this one's, beside those of its process
 * @returns how to ask for them; undefined comes when not all tell theirs, or nobody is there to gather them
 */
export function metricsOfAll(own: Registry): () => Promise<string | undefined> {
  AggregatorRegistry.setRegistries([register, own]);
  // Answers whoever minds the workers.
  new AggregatorRegistry();
  const waiting = new Map<number, (text: string | undefined) => void>();
  let asked = 0;
  process.on('message', (message) => {
    if (isOfMetrics(message)) {
      waiting.get(message.id)?.(message.text);
      waiting.delete(message.id);
    }
  });
  return () =>
    new Promise((resolve) => {
      asked += 1;
      waiting.set(asked, resolve);
      process.send?.(
        { type: metricsMessage, id: asked } satisfies MetricsMessage,
        (error) => error && resolve(undefined),
      );
    });
}

/**
 * Runs as many workers as the settings say, each as this program with the same arguments, and another in
 * the place of each that dies. Ends them at the first SIGINT or SIGTERM, and itself with 0 when they have
 * ended; at the second at once, with 1.
 *
 * @returns where they listen, once all do; undefined when it is told to end before
 * @throws when one of them ends before; it has said why
 */
export async function mindWorkers({ workers }: Config, log: Logger): Promise<string | undefined> {
  const all = new AggregatorRegistry();
  cluster.on('fork', (worker) => {
    // One that dies cannot be told anything: that it has ended is seen by its exit.
    worker.on('error', (reason) => log.debug({ err: reason }, 'a worker was not told'));
  });
  cluster.on('message', (worker, message) => {
    if (isOfMetrics(message)) {
      void all
        .clusterMetrics()
        .catch((reason: unknown) => {
          log.warn({ err: reason }, 'not all workers have told their metrics');
          return undefined;
        })
        .then((text) => worker.send({ ...message, text }));
    }
  });
  let isStopping = false;
  const alive = (): Worker[] => Object.values(cluster.workers ?? {}).filter((one) => one != null);
  const kill = (signal: NodeJS.Signals) => {
    for (const worker of alive()) {
      worker.process.kill(signal);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      kill(isStopping ? 'SIGKILL' : 'SIGTERM');
      if (isStopping) {
        process.exit(1);
      }
      isStopping = true;
    });
  }
  const addresses = await Promise.all(
    Array.from({ length: workers }, () => started(cluster.fork())),
  ).catch((error: unknown) => {
    if (isStopping) {
      return [];
    }
    isStopping = true;
    kill('SIGTERM');
    throw error;
  });
  cluster.on('exit', (worker, code, signal) => {
    if (!isStopping) {
      log.error(
        { pid: worker.process.pid, code, signal },
        'a worker has ended; another is started',
      );
      void delay(restMs).then(() => isStopping || cluster.fork());
    }
  });
  return addresses[0];
}

/** The graph's address, once a worker listens there. */
function started(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.once('exit', (code, signal) => {
      const error = new Error(`A worker has ended at its start, with ${signal ?? code}.`);
      // For an operator to mend, as a port that is taken.
      reject(Object.assign(error, { code: 'WORKER_ENDED' }));
    });
    worker.on('message', (message: unknown) => {
      const { graph } = message as { readonly graph?: unknown };
      if (typeof graph === 'string') {
        resolve(graph);
      }
    });
  });
}
