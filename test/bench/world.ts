/**
 * A simulated Waldur in a process of its own, so that what it takes is not taken for the gateway's.
 *
 * Nothing changes here, and all callers are staff: what it has answered it answers again from memory,
 * to anyone, and so as fast in a large world as in a small one.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { request as send } from 'undici';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { addStaff } from '../many-staff.ts';

interface Said {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const [securityGroups, latencyMs, callers] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
];
const { waldur } = await openSandbox({
  sizes: { securityGroups, serverGroups: 10, allocations: 10, machines: 3 },
});
const tokens = addStaff(waldur.world, callers);

const said = new Map<string, Promise<Said>>();
let calls = 0;

/** Such as the count of a list's rows. */
const headersSaid = ['content-type', 'x-result-count', 'link', 'allow', 'vary'];

/** @throws for anything but a reading that is answered */
async function say({ method, url, headers }: IncomingMessage): Promise<Said> {
  if (method !== 'GET' && method !== 'HEAD') {
    throw new Error(`nothing changes here: ${method} ${url}`);
  }
  // With the host as it was asked for: addresses in answers lead back here.
  const answer = await send(`${waldur.server.url}${url}`, { method, headers });
  const body = Buffer.from(await answer.body.arrayBuffer());
  if (answer.statusCode !== 200) {
    throw new Error(`${answer.statusCode} for ${url}: ${body}`);
  }
  const found = headersSaid.flatMap((name) => {
    const value = answer.headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return { headers: Object.fromEntries(found), body };
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = `${request.method} ${request.url}`;
  const saying = said.get(asked) ?? say(request);
  said.set(asked, saying);
  const [{ headers, body }] = await Promise.all([
    saying,
    latencyMs > 0 ? delay(latencyMs) : undefined,
  ]);
  response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
}

const front = createServer((request, response) => {
  calls += 1;
  respond(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
front.listen(0, '127.0.0.1', () => {
  const { port } = front.address() as AddressInfo;
  process.send?.({ url: `http://127.0.0.1:${port}`, tokens });
});

process.on('message', () => {
  process.send?.({ calls });
  calls = 0;
});
process.once('SIGTERM', () => process.exit(0));
