/** A port when something goes wrong that nobody has thought of. */

import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aGateway } from '../a-gateway.ts';

interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}

const arrivals = channel('http.server.request.start');

/** Does something to each request at such a path before anybody else sees it. */
function meet(path: string, act: (arrival: Arrival) => void): void {
  const listener = (message: unknown) => {
    const arrival = message as Arrival;
    if (arrival.request.url === path) {
      act(arrival);
    }
  };
  arrivals.subscribe(listener);
  onTestFinished(() => void arrivals.unsubscribe(listener));
}

const post = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"query":"{ __typename }"}',
};

describe('A port', () => {
  it.each([
    ['of the graph', {}, '/graphql?broken'],
    ['of operators', { METRICS_PORT: '0' }, '/metrics?broken'],
  ])(
    '%s answers a fault of its own with an id, under which it is logged',
    async (_of, env, path) => {
      const { url, operators, logged, run } = await aGateway({ env });
      meet(path, ({ request }) => {
        Object.defineProperty(request, 'url', {
          get: () => {
            throw new Error('nobody has thought of this');
          },
        });
      });
      const response = await fetch(new URL(path, operators ?? url), post);
      expect(response.status).toBe(500);
      const { errors } = (await response.json()) as {
        errors: [{ extensions: { errorId: string } }];
      };
      const { errorId } = errors[0].extensions;
      expect(errors).toEqual([
        { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR', errorId } },
      ]);
      expect(logged.find((line) => line.includes(errorId))).toContain('nobody has thought of this');
      expect((await run('{ __typename }')).errors).toBeUndefined();
    },
  );

  it('ends the connection where an answer has begun', async () => {
    const { url, logged } = await aGateway();
    meet('/health/live', ({ response }) => {
      response.end = () => {
        response.write('half of ');
        throw new Error('nobody has thought of this');
      };
    });
    const response = await fetch(new URL('/health/live', url));
    await expect(response.text()).rejects.toThrow('terminated');
    expect(logged.join()).toContain('nobody has thought of this');
  });

  it('stays open when connections cannot be accepted', async () => {
    const { run, logged } = await aGateway();
    meet('/graphql', ({ server }) => {
      server.emit('error', new Error('accept EMFILE'));
    });
    for (let asked = 0; asked < 2; asked += 1) {
      expect((await run('{ __typename }')).errors).toBeUndefined();
    }
    expect(logged.filter((line) => line.includes('accept EMFILE'))).toHaveLength(2);
  });
});
