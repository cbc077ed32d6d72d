/** Danube's addresses: what each method of each does. */

import { type Reply, refuse, success } from './answers.ts';
import { login } from './authentication.ts';
import {
  isAdmin,
  machineNamed,
  maySeeDatacenter,
  showMachine,
  showStatus,
  visibleMachines,
} from './machines.ts';
import type { Datacenter, Task } from './model.ts';
import { partsOf } from './tasks.ts';
import type { Route, Visit } from './visit.ts';
import { flag } from './writing/body.ts';
import { definitionRoutes } from './writing/definitions.ts';
import { hardwareRoutes } from './writing/hardware.ts';
import { deleteMachine, deployMachine, updateMachine } from './writing/machines.ts';
import { powerRoutes } from './writing/power.ts';
import { cancelTask } from './writing/work.ts';

/** Some parameters are not parsed at all: any text is true, `false` as well. */
function anyText(text: string | null): boolean {
  return text !== null && text !== '';
}

/** A leading minus, or a plus that was really sent, turns the order round. */
function direction(query: URLSearchParams, known: readonly string[]): 1 | -1 {
  const [first = ''] = (query.get('order_by') ?? '').split(',');
  const field = first.trim().replace(/^[-+]/, '');
  if (field !== '' && !known.includes(field)) {
    refuse(412, `Invalid order_by; Possible sort fields are: ${known.join(', ')}`);
  }
  return /^[-+]/.test(first) ? -1 : 1;
}

export const routes: readonly Route[] = [
  { pattern: /^ping\/$/, isOpen: true, methods: { GET: () => ({ status: 200, body: 'pong' }) } },
  {
    pattern: /^accounts\/login\/$/,
    isOpen: true,
    methods: { POST: ({ world, clock, call }) => login(world, clock, call) },
  },
  {
    pattern: /^accounts\/logout\/$/,
    methods: {
      GET: ({ call, user }) => {
        if (call.headers['es-api-key'] === undefined) {
          user.token = null;
        }
        return { status: 200, body: { detail: 'Bye.' } };
      },
    },
  },
  { pattern: /^vm\/$/, methods: { GET: listMachines } },
  {
    pattern: /^vm\/status\/$/,
    methods: {
      GET: ({ world, clock, user, datacenter }) => {
        const machines = visibleMachines(world, user, datacenter);
        return success(
          user,
          datacenter,
          machines.map((machine) => showStatus(world, machine, clock)),
        );
      },
    },
  },
  {
    pattern: /^vm\/([A-Za-z0-9._-]+)\/status\/$/,
    methods: {
      GET: ({ world, clock, user, datacenter, name }) =>
        success(
          user,
          datacenter,
          showStatus(world, machineNamed(world, user, datacenter, name), clock),
        ),
    },
  },
  ...definitionRoutes,
  ...hardwareRoutes,
  ...powerRoutes,
  {
    pattern: /^vm\/([A-Za-z0-9._-]+)\/$/,
    methods: {
      POST: deployMachine,
      PUT: updateMachine,
      DELETE: deleteMachine,
      GET: ({ world, clock, call: { query }, user, datacenter, name }) =>
        success(
          user,
          datacenter,
          showMachine(machineNamed(world, user, datacenter, name), {
            user,
            clock,
            active: anyText(query.get('active')),
            extended: flag(query.get('extended')),
          }),
        ),
    },
  },
  { pattern: /^dc\/$/, methods: { GET: listDatacenters } },
  {
    pattern: /^dc\/([A-Za-z0-9._-]+)\/$/,
    methods: {
      GET: ({ world, user, datacenter, name }) => {
        const found = world.datacenters.find((one) => one.name === name);
        return found !== undefined && maySeeDatacenter(user, found)
          ? success(user, datacenter, showDatacenter(found))
          : refuse(404, 'Datacenter not found');
      },
    },
  },
  {
    pattern: /^task\/$/,
    methods: {
      GET: ({ world, user, datacenter }) => {
        const ids = [...world.tasks.values()]
          .filter((task) => task.datacenter === datacenter && task.endedMs === null)
          .filter((task) => isAdmin(user, datacenter) || task.user === user)
          .map(({ id }) => id);
        return { status: 200, body: ids, rows: ids.length };
      },
    },
  },
  {
    pattern: /^task\/log\/$/,
    methods: {
      GET: ({ world, user, datacenter }) => {
        const entries = [...world.tasks.values()]
          .filter((task) => task.datacenter === datacenter)
          .filter((task) => isAdmin(user, datacenter) || task.user === user)
          .slice(-10)
          .map(showLogEntry);
        return { status: 200, body: { results: entries }, rows: entries.length };
      },
    },
  },
  {
    pattern: /^task\/([^/]+)\/$/,
    methods: {
      GET: (visit) => {
        const task = readableTask(visit);
        if (task === null || task.endedMs !== null || task.datacenter !== visit.datacenter) {
          return refuse(404, 'Task does not exist');
        }
        const { id, view, method, machine, startedMs } = task;
        const time = new Date(startedMs).toISOString();
        return {
          status: 200,
          body: { task_id: id, view, method, hostname: machine?.hostname ?? null, time },
        };
      },
    },
  },
  {
    pattern: /^task\/([^/]+)\/(?:status|state)\/$/,
    methods: { GET: taskStatus },
  },
  {
    pattern: /^task\/([^/]+)\/cancel\/$/,
    methods: {
      PUT: (visit) => {
        const task = readableTask(visit);
        if (task === null || task.endedMs !== null || task.datacenter !== visit.datacenter) {
          return refuse(406, 'Task cannot be canceled');
        }
        cancelTask(task);
        const { id, status, result } = task;
        return { status: httpStatus(task), body: { task_id: id, status, result } };
      },
    },
  },
  {
    pattern: /^task\/([^/]+)\/done\/$/,
    methods: {
      GET: (visit) => {
        const task = readableTask(visit);
        return {
          status: task === null ? 201 : httpStatus(task),
          body: { task_id: visit.name, done: task?.status === 'SUCCESS' },
        };
      },
    },
  },
];

function listMachines({ world, clock, call, user, datacenter }: Visit): Reply {
  const { query } = call;
  const sign = direction(query, ['hostname']);
  const machines = visibleMachines(world, user, datacenter);
  if (sign < 0) {
    machines.reverse();
  }
  const extended = flag(query.get('extended'));
  if (!extended && !flag(query.get('full'))) {
    return success(
      user,
      datacenter,
      machines.map(({ hostname }) => hostname),
    );
  }
  const showing = { user, clock, extended, active: anyText(query.get('active')) };
  return success(
    user,
    datacenter,
    machines.map((machine) => showMachine(machine, showing)),
  );
}

function listDatacenters({ world, call: { query }, user, datacenter }: Visit): Reply {
  const sign = direction(query, ['name', 'created']);
  const seen = world.datacenters
    .filter((one) => maySeeDatacenter(user, one))
    .sort((one, other) => (one.name < other.name ? -sign : sign));
  const isFull = flag(query.get('full')) || flag(query.get('extended'));
  return success(
    user,
    datacenter,
    isFull ? seen.map(showDatacenter) : seen.map(({ name }) => name),
  );
}

function showDatacenter(datacenter: Datacenter): Record<string, unknown> {
  const { name, alias, site, owner, isPublic, description, created } = datacenter;
  return {
    name,
    alias,
    site,
    owner: owner.username,
    access: isPublic ? 1 : 3,
    desc: description,
    created,
  };
}

function showLogEntry(task: Task): Record<string, unknown> {
  return {
    time: new Date(task.endedMs ?? task.startedMs).toISOString(),
    status: task.status,
    task: task.id,
    username: task.user.username,
    msg: task.method === 'POST' ? 'Create server' : 'Update server',
    detail: '',
    object_name: task.machine?.hostname ?? null,
    object_alias: task.machine?.alias ?? null,
    object_type: 'vm',
    flag: task.method === 'POST' ? 1 : 3,
  };
}

/** How far a task is. */
export function taskStatus(visit: Visit): Reply {
  const task = readableTask(visit);
  const { name: id } = visit;
  if (task === null) {
    // What Danube does not know it takes for something that has not begun.
    return { status: 201, body: { task_id: id, status: 'PENDING', result: null } };
  }
  const { status, result } = task;
  return { status: httpStatus(task), body: { task_id: id, status, result } };
}

const resultLifeMs = 3600 * 1000;

/**
 * The task, null when it is not known (any more). The id itself tells who may read it.
 *
 * @throws {Refusal} 403 for others' and for what is no id, 404 for the ids of synchronous results
 */
function readableTask({ world, clock, user, name }: Visit): Task | null {
  const parts = partsOf(name);
  const datacenter = world.datacenters.find(({ id }) => id === parts?.datacenterId);
  const isOwn = parts?.userId === user.id || parts?.ownerId === user.id;
  const isManaged = datacenter === undefined ? user.isSuperAdmin : isAdmin(user, datacenter);
  if (parts === null || !(isOwn || isManaged)) {
    return refuse(403, 'Permission denied');
  }
  if (parts.type === 'd') {
    refuse(404, 'Task does not exist (anymore)');
  }
  const task = world.tasks.get(name);
  const isForgotten = task?.endedMs != null && task.endedMs + resultLifeMs <= clock.now();
  return task === undefined || isForgotten ? null : task;
}

function httpStatus({ status }: Task): number {
  return { PENDING: 201, STARTED: 201, SUCCESS: 200, FAILURE: 400, REVOKED: 410 }[status];
}
