/** The simulated Waldur: its addresses, and the order in which it checks a call. */

import { createHash } from 'node:crypto';
import { type Clock, openClock } from '../clock.ts';
import { type Answer, openServer, type ReceivedCall, type SimulatedServer } from '../server.ts';
import { detail, html, json, Refusal, refuse } from './answers.ts';
import { authenticate } from './authentication.ts';
import { type Collection, collectionsOf } from './collections.ts';
import { keptBy } from './filters.ts';
import type { Resource, User, WaldurWorld } from './model.ts';
import { ordered, paged } from './paging.ts';
import { type Profile, type Showing, serialize, userSerializer } from './serializers.ts';
import type { Viewpoint } from './visibility.ts';
import { Lifecycle } from './writing/lifecycle.ts';
import { writesByCollection } from './writing/table.ts';
import { type CollectionWrites, type Desk, type RowWrite, writeRow } from './writing/writes.ts';

export interface SimulatedWaldur {
  readonly server: SimulatedServer;
  readonly world: WaldurWorld;
}

export interface WaldurOptions {
  readonly world: WaldurWorld;
  readonly profile?: Profile;
  /** Whether tenants show their user name and password, as Waldur's default is. */
  readonly tenantCredentialsVisible?: boolean;
  /** Runs with the machine's when absent. */
  readonly clock?: Clock;
  /** Whether POST to the collection of server groups creates one, as is documented and nowhere true. */
  readonly serverGroupPost?: boolean;
  /** 0 for any free one. */
  readonly port?: number;
}

interface Request {
  readonly call: ReceivedCall;
  readonly user: User;
  readonly showing: Showing;
}

/** Gunicorn's default; the method, the target, the version and the line's end all count. */
const maxRequestLine = 4094;

/** @throws when the port is taken */
export async function openWaldur(options: WaldurOptions): Promise<SimulatedWaldur> {
  const { world, profile = '8.1', tenantCredentialsVisible = true, port = 0 } = options;
  const { clock = openClock(), serverGroupPost = false } = options;
  const collections = collectionsOf(world);
  const lifecycle = new Lifecycle(clock);
  let turn = 0;
  let made = 0;

  const newUuid = () => {
    made += 1;
    return createHash('sha1').update(`sandbox row ${made}`).digest('hex').slice(0, 32);
  };

  const list = ({ call, showing }: Request, collection: Collection<{ uuid: string }>): Answer => {
    turn += 1;
    const keep = keptBy(collection.filters, { ...showing, query: call.query });
    const listed = collection
      .rows(call.query)
      .filter((row) => collection.sees(showing.viewpoint, row) && keep(row));
    const inOrder = ordered(listed, collection.ordering, call.query, turn);
    const page = paged(inOrder, call.query, `${call.origin}${call.path}`);
    const fields = call.query.getAll('field');
    const rows = page.rows.map((row) => serialize(collection.serializer, row, showing, fields));
    return json(200, rows, { ...page.headers }, rows.length);
  };

  const one = (
    { call, showing }: Request,
    collection: Collection<{ uuid: string }>,
    key: string,
  ): Answer => {
    const row = find(collection, key, showing);
    // Filters apply to a single object as well: one that does not pass is not found.
    const keep = keptBy(collection.filters, { ...showing, query: call.query });
    if (row === undefined || !keep(row)) {
      return detail(404, `No ${collection.model} matches the given query.`);
    }
    const fields = call.query.getAll('field');
    return json(200, serialize(collection.serializer, row, showing, fields));
  };

  const write = (
    { call, showing }: Request,
    name: string,
    collection: Collection<{ uuid: string }>,
    key: string | undefined,
    found: RowWrite | undefined,
  ): Answer => {
    const desk: Desk = { call, showing, world, lifecycle, newUuid, serverGroupPost };
    const { create } = writesByCollection[name] ?? {};
    if (key === undefined && create !== undefined) {
      return create(desk);
    }
    const row = () => find(collection, key ?? '', showing) as Resource | undefined;
    return found === undefined
      ? detail(405, `Method "${call.method}" not allowed.`)
      : writeRow(found, collection.model, row, desk);
  };

  /** Waldur's order: address, media types, who, method; and from there by what is asked. */
  const answer = (call: ReceivedCall): Answer => {
    const [, name = '', key, action] =
      /^\/api\/([a-z-]+)\/(?:([^/.]+)\/(?:([a-z_]+)\/)?)?$/.exec(call.path) ?? [];
    const isMe = name === 'users' && key === 'me';
    const collection = collections.get(name);
    const writes = writesByCollection[name];
    if (call.path === '/api-auth/password/') {
      return login(world, call);
    }
    if (collection === undefined && !isMe) {
      const isSlashMissing = collections.has(call.path.replace(/^\/api\//, '').split('/')[0] ?? '');
      return isSlashMissing && !call.path.endsWith('/')
        ? { status: 301, headers: { location: call.target.replace(call.path, `${call.path}/`) } }
        : html(404, 'Not Found');
    }
    if (action !== undefined && !Object.hasOwn(writes?.row ?? {}, action)) {
      return html(404, 'Not Found');
    }
    checkMediaTypes(call);
    const { user, headers } = authenticate(world, profile, call);
    const methods = methodsOf(writes, key, action);
    const allow = methods.join(', ');
    if (!methods.includes(call.method) || call.method === 'OPTIONS') {
      return detail(405, `Method "${call.method}" not allowed.`, { ...headers, allow });
    }
    const viewpoint: Viewpoint = { user, address: addressOf(call) };
    const showing = { origin: call.origin, profile, viewpoint, tenantCredentialsVisible };
    const request: Request = { call, user, showing };
    const found = withRefusals(() => {
      if (collection === undefined) {
        return json(200, serialize(userSerializer, user, showing, call.query.getAll('field')));
      }
      if (call.method !== 'GET' && call.method !== 'HEAD') {
        return write(request, name, collection, key, writes?.row[action ?? call.method]);
      }
      return key === undefined ? list(request, collection) : one(request, collection, key);
    });
    return { ...found, headers: { ...found.headers, allow, ...headers } };
  };

  const server = await openServer((call) => {
    clock.catchUp();
    const line = `${call.method} ${call.target} HTTP/1.1`.length;
    return line > maxRequestLine
      ? html(400, `Bad Request: Request Line is too large (${line} > ${maxRequestLine})`)
      : withRefusals(() => answer(call));
  }, port);
  return { server, world };
}

/** The row, undefined when there is none or the caller does not see it. */
function find(
  collection: Collection<{ uuid: string }>,
  key: string,
  { viewpoint }: Showing,
): { uuid: string } | undefined {
  const uuid = key.replaceAll('-', '').toLowerCase();
  const row = collection.all().find((candidate) => candidate.uuid === uuid);
  return row !== undefined && collection.sees(viewpoint, row) ? row : undefined;
}

/** As the `Allow` header lists them. */
function methodsOf(
  writes: CollectionWrites | undefined,
  key: string | undefined,
  action: string | undefined,
): string[] {
  if (action !== undefined) {
    return ['POST', 'OPTIONS'];
  }
  if (key === undefined) {
    return ['GET', ...(writes?.create === undefined ? [] : ['POST']), 'HEAD', 'OPTIONS'];
  }
  const changes = ['PUT', 'PATCH', 'DELETE'].filter((method) =>
    Object.hasOwn(writes?.row ?? {}, method),
  );
  return ['GET', ...changes, 'HEAD', 'OPTIONS'];
}

function withRefusals(act: () => Answer): Answer {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) {
      return error.answer;
    }
    throw error;
  }
}

/** Waldur speaks JSON alone. */
function checkMediaTypes(call: ReceivedCall): void {
  const format = call.query.get('format');
  if (format !== null && format !== 'json') {
    refuse(detail(404, 'Not found.'));
  }
  const accepted = (call.headers.accept ?? '*/*')
    .split(',')
    .map((type) => type.split(';')[0]?.trim());
  if (!accepted.some((type) => ['*/*', 'application/*', 'application/json'].includes(type ?? ''))) {
    refuse(detail(406, 'Could not satisfy the request Accept header.'));
  }
}

function addressOf(call: ReceivedCall): string {
  return call.headers['x-forwarded-for']?.split(',')[0]?.trim() ?? call.address;
}

function login(world: WaldurWorld, call: ReceivedCall): Answer {
  if (call.method !== 'POST') {
    return detail(405, `Method "${call.method}" not allowed.`, { allow: 'POST, OPTIONS' });
  }
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(call.body) as Record<string, unknown>;
  } catch {
    return detail(400, 'JSON parse error - Expecting value: line 1 column 1 (char 0)');
  }
  const missing = ['username', 'password'].filter((field) => typeof given?.[field] !== 'string');
  if (missing.length > 0) {
    const issues = missing.map((field) => [field, ['This field is required.']]);
    return json(400, Object.fromEntries(issues));
  }
  const user = world.users.find(({ username }) => username === given.username);
  return user !== undefined && user.password === given.password
    ? json(200, { token: user.token })
    : detail(401, 'Invalid username/password.', { 'www-authenticate': 'Token' });
}
