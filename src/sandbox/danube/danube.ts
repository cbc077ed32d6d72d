/** The simulated Danube Cloud: its door, and the order in which it checks a call. */

import type { Clock } from '../clock.ts';
import { type Answer, openServer, type ReceivedCall, type SimulatedServer } from '../server.ts';
import { bareText, Refusal, type Reply, refuse } from './answers.ts';
import { authenticate, Throttle } from './authentication.ts';
import { maySeeDatacenter } from './machines.ts';
import type { DanubeUser, DanubeWorld, Datacenter } from './model.ts';
import { routes, taskStatus } from './routes.ts';
import { streamed, type TaskAnswer } from './stream.ts';
import type { Route } from './visit.ts';
import {
  type DanubeCallerName,
  type DanubeSizes,
  danubeCallerNames,
  type MachineOwner,
  seedDanube,
} from './world.ts';
import { bodyOf } from './writing/body.ts';

export interface DanubeCredentials {
  readonly username: string;
  readonly password: string;
  readonly apiKey: string;
}

export interface SimulatedDanube {
  readonly server: SimulatedServer;
  readonly world: DanubeWorld;
  readonly callers: Readonly<Record<DanubeCallerName, DanubeCredentials>>;
}

export interface DanubeOptions {
  readonly seed: number;
  readonly sizes: DanubeSizes;
  readonly owners: readonly MachineOwner[];
  readonly clock: Clock;
  /** Per user, in a sliding minute; null lifts the limit, that of anonymous callers too. */
  readonly callsPerMinute: number | null;
  /** 0 for any free one. */
  readonly port?: number;
}

/** @throws when the port is taken */
export async function openDanube(options: DanubeOptions): Promise<SimulatedDanube> {
  const { clock } = options;
  const world = seedDanube(options.seed, options.sizes, options.owners, clock.now());
  const throttle = new Throttle(clock, options.callsPerMinute);
  const server = await openServer((call) => {
    clock.catchUp();
    return respond(world, clock, throttle, call);
  }, options.port);
  const callers = Object.fromEntries(
    danubeCallerNames.map((name, index) => [name, world.users[index]]),
  ) as unknown as SimulatedDanube['callers'];
  return { server, world, callers };
}

/** Danube's order: address, media types, who, how often, method, where, whether it is updating. */
function respond(world: DanubeWorld, clock: Clock, throttle: Throttle, call: ReceivedCall): Answer {
  const [, prefix, path = ''] =
    /^\/api\/(?:dc\/([A-Za-z0-9._-]+)\/(?=vm\/|task\/))?(.*)$/.exec(call.path) ?? [];
  const route = call.path.startsWith('/api/') ? routeOf(path) : undefined;
  if (route === undefined) {
    return routeOf(`${path}/`) !== undefined && !path.endsWith('/')
      ? { status: 301, headers: { location: call.target.replace(call.path, `${call.path}/`) } }
      : bareText(404, 'Resource not found');
  }
  const about: { user?: DanubeUser; datacenter?: Datacenter } = {};
  let reply: Reply;
  let look: () => TaskAnswer = () => ({ status: 500, body: '' });
  try {
    checkAccept(call);
    const user = authenticate(world, clock, call);
    if (user !== null) {
      about.user = user;
    } else if (route.isOpen !== true) {
      refuse(403, 'Authentication credentials were not provided.');
    }
    throttle.count(user, call.address);
    const act = route.methods[call.method];
    if (act === undefined) {
      return refuse(405, `Method "${call.method}" not allowed.`);
    }
    // Nobody in particular comes only where nobody is asked for.
    const visitor = user ?? (world.users[0] as DanubeUser);
    const datacenter = datacenterOf(world, visitor, call, prefix);
    about.datacenter = datacenter;
    if (world.isUpdating && user?.isSuperAdmin === false) {
      refuse(503, 'System update in progress');
    }
    const [, name = '', place = ''] = route.pattern.exec(path) ?? [];
    const visit = { world, clock, call, user: visitor, datacenter, name, place };
    reply = act(visit);
    look = () => {
      const shown = looked(() => {
        // The last look counts as a call of its own.
        throttle.count(user, call.address);
        return taskStatus({ ...visit, name: reply.task?.id ?? '' });
      });
      return { status: shown.status, body: JSON.stringify(shown.body) };
    };
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    reply = error;
  }
  const answer: Answer = {
    status: reply.status,
    headers: {
      'content-type': 'application/json',
      es_version: '4.6',
      es_username: about.user?.username ?? '',
      es_dc: about.datacenter?.name ?? '',
      allow: Object.keys(route.methods).join(', '),
      ...reply.headers,
    },
    body: JSON.stringify(reply.body, null, indentOf(call)),
    ...(reply.rows === undefined ? {} : { rows: reply.rows }),
  };
  const stream = call.headers['es-stream'];
  return reply.task === undefined || stream === undefined || stream === ''
    ? answer
    : streamed(answer, reply.task, clock, stream === 'es', look);
}

function looked(look: () => Reply): Reply {
  try {
    return look();
  } catch (error) {
    if (error instanceof Refusal) {
      return error;
    }
    throw error;
  }
}

function routeOf(path: string): Route | undefined {
  return routes.find(({ pattern }) => pattern.test(path));
}

/** JSON alone, with an indent if that is asked for. */
function checkAccept(call: ReceivedCall): void {
  const accepted = (call.headers.accept ?? '*/*')
    .split(',')
    .map((type) => type.split(';')[0]?.trim());
  if (!accepted.some((type) => ['*/*', 'application/*', 'application/json'].includes(type ?? ''))) {
    refuse(406, 'Could not satisfy the request Accept header.');
  }
}

function indentOf(call: ReceivedCall): number {
  return Number(/;\s*indent=([0-8])\b/.exec(call.headers.accept ?? '')?.[1] ?? 0);
}

/**
 * The datacenter: the parameter's, else the path's, else the one last chosen, which here is `main`.
 *
 * @throws {Refusal} 404 for one that is not there or may not be entered
 */
function datacenterOf(
  world: DanubeWorld,
  user: DanubeUser,
  call: ReceivedCall,
  prefix: string | undefined,
): Datacenter {
  const inBody = bodyOf(call).dc;
  const given =
    (call.method === 'GET' ? call.query.get('dc') : typeof inBody === 'string' ? inBody : null) ??
    prefix;
  const found =
    given === undefined
      ? world.datacenters[0]
      : world.datacenters.find(({ name }) => name === given);
  return found !== undefined && maySeeDatacenter(user, found)
    ? found
    : refuse(404, 'Datacenter not found');
}
