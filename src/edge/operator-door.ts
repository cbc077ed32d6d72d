/** What machines ask that watch over the process: whether it lives, whether it is ready, its metrics. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Door } from './listener.ts';
import type { Load } from './load.ts';

/** How an outside service has answered lately. */
export interface ServiceHealth {
  /** E.g. `open`, when no calls are let through to it. */
  readonly state: string;
  /** ISO 8601. */
  readonly since: string;
  /** Until when no calls are let through, likewise; null where they are. */
  readonly until?: string | null;
}

export interface OperatorDoorOptions {
  readonly load: Load;
  /** Since when the process is about to end, as ISO 8601; undefined while it is not. */
  readonly leavingSince: () => string | undefined;
  /** How the clouds have answered; undefined for those that are not configured. */
  readonly clouds: () => Readonly<Record<string, ServiceHealth | undefined>>;
  /** Of whatever else is used and could be done without. */
  readonly others: () => Readonly<Record<string, ServiceHealth | undefined>>;
  /** Absent where metrics are not told; the text is undefined when they cannot be told now. */
  readonly metrics:
    | { readonly text: () => Promise<string | undefined>; readonly contentType: string }
    | undefined;
}

const startedAt = new Date().toISOString();

function configured(services: Readonly<Record<string, ServiceHealth | undefined>>) {
  return Object.entries(services).filter(([, one]) => one !== undefined);
}

/** Whether it is worth sending requests here: not while every cloud is away. */
function readiness({ leavingSince, load, clouds, others }: OperatorDoorOptions) {
  const found = configured(clouds());
  // Somebody has to ask again, or nobody would find out that they are back.
  const rests = ({ until }: ServiceHealth) => until != null && Date.parse(until) > Date.now();
  const areAllAway = found.length > 0 && found.every(([, one]) => one !== undefined && rests(one));
  const since = leavingSince();
  const reasons = [
    ...(since === undefined ? [] : [`leaving since ${since}`]),
    ...(load.isTooHigh() ? [`overloaded: ${Math.round(load.lagMs)} ms late`] : []),
    ...(areAllAway ? ['no cloud answers'] : []),
  ];
  return {
    ready: reasons.length === 0,
    reasons,
    clouds: Object.fromEntries(found),
    ...Object.fromEntries(configured(others())),
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

/** @returns whether the request was one of these, and is answered */
export type OperatorDoor = (
  request: IncomingMessage,
  response: ServerResponse,
) => boolean | Promise<boolean>;

/**
 * `/health/live` is 200 as long as the process runs; `/health/ready` is 503 while requests had better
 * go elsewhere, with the reasons; `/metrics` is in Prometheus' text format, or 503 when it cannot be told.
 */
export function operatorDoor(options: OperatorDoorOptions): OperatorDoor {
  const { metrics } = options;
  return (request, response) => {
    switch (request.url?.split('?', 1)[0]) {
      case '/health/live':
        answer(response, 200, { live: true, since: startedAt });
        return true;
      case '/health/ready': {
        const found = readiness(options);
        answer(response, found.ready ? 200 : 503, found);
        return true;
      }
      case '/metrics':
        return metrics === undefined ? false : told(response, metrics);
      default:
        return false;
    }
  };
}

async function told(
  response: ServerResponse,
  { text, contentType }: NonNullable<OperatorDoorOptions['metrics']>,
): Promise<true> {
  const body = await text();
  if (body === undefined) {
    // Of an empty 200, Prometheus would take that every series has gone.
    answer(response, 503, { told: false });
    return true;
  }
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(body);
  return true;
}

/** A request listener for a port that has nothing but this. */
export function onlyOperators(door: OperatorDoor): Door {
  const ask = async (request: IncomingMessage, response: ServerResponse) => {
    if (!(await door(request, response))) {
      answer(response, 404, { found: false });
    }
  };
  return (request, response, onFailed) => {
    ask(request, response).catch(onFailed);
  };
}
