/** `stratograph check`, as an operator meets it before anything works. */

import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { aFreePort, portOf } from '../a-port.ts';
import { anEndedProcess } from '../a-process.ts';

async function aServer(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await portOf(createServer(listener))}`;
}

async function aSandbox() {
  const sandbox = await openSandbox();
  onTestFinished(() => sandbox.close());
  return sandbox;
}

const check = (env: Readonly<Record<string, string>>) => anEndedProcess(['check'], env);

/** An address where nothing listens any more. */
async function aDeadAddress(): Promise<string> {
  return `http://127.0.0.1:${await aFreePort()}`;
}

describe('stratograph check', () => {
  it('is 0 for clouds that take their credentials, and says as whom and which version', async () => {
    const { waldur, danube, callers } = await aSandbox();
    const { stdout, code } = await check({
      WALDUR_URL: waldur.server.url,
      WALDUR_TOKEN: callers.owner.waldurToken,
      DANUBE_URL: danube.server.url,
      DANUBE_API_KEY: callers.owner.danubeApiKey,
    });
    expect(stdout).toContain(`✓ Waldur at ${waldur.server.url}\n`);
    expect(stdout).toMatch(/Waldur, like 8\.1, as owner \(\d+ roles?\)\./);
    expect(stdout).toContain(
      `✓ Danube Cloud at ${danube.server.url}\n  Danube Cloud 4.6, as owner.`,
    );
    expect(code).toBe(0);
  });

  it('warns of a credential of staff', async () => {
    const { waldur, callers } = await aSandbox();
    const { stdout, code } = await check({
      WALDUR_URL: waldur.server.url,
      WALDUR_TOKEN: callers.staff.waldurToken,
    });
    expect(stdout).toContain('as staff (staff).');
    expect(stdout).toContain('leave WALDUR_TOKEN out unless that is meant');
    expect(code).toBe(0);
  });

  it('is 0 without credentials, and says that requests have to bring them', async () => {
    const { waldur, danube } = await aSandbox();
    const { stdout, code } = await check({
      WALDUR_URL: waldur.server.url,
      DANUBE_URL: danube.server.url,
    });
    expect(stdout).toContain('No WALDUR_TOKEN is set: requests have to bring their own');
    expect(stdout).toContain('No DANUBE_API_KEY is set: requests have to bring their own');
    expect(code).toBe(0);
  });

  it('names a wrong credential and where to get a right one, and never shows it', async () => {
    const { waldur, danube } = await aSandbox();
    const { stdout, code } = await check({
      WALDUR_URL: waldur.server.url,
      WALDUR_TOKEN: 'not-a-token-of-anybody',
      DANUBE_URL: danube.server.url,
      DANUBE_API_KEY: 'not-a-key-of-anybody',
    });
    expect(stdout).toContain('WALDUR_TOKEN is not known there.');
    expect(stdout).toContain('DANUBE_API_KEY is not known there.');
    expect(stdout).not.toContain('of-anybody');
    expect(code).toBe(1);
  });

  it('tells an expired token and a deactivated user from a wrong token', async () => {
    const { waldur, danube, callers } = await aSandbox();
    const user = waldur.world.users.find(({ username }) => username === 'owner');
    Object.assign(user ?? {}, { tokenExpired: true });
    Object.assign(danube.callers.owner, { isActive: false });
    const { stdout, code } = await check({
      WALDUR_URL: waldur.server.url,
      WALDUR_TOKEN: callers.owner.waldurToken,
      DANUBE_URL: danube.server.url,
      DANUBE_API_KEY: callers.owner.danubeApiKey,
    });
    expect(stdout).toContain('WALDUR_TOKEN has expired.');
    expect(stdout).toContain('The user of DANUBE_API_KEY has been deactivated.');
    expect(code).toBe(1);
  });

  it('says that nothing listens, and where', async () => {
    const url = await aDeadAddress();
    const { stdout, code } = await check({ WALDUR_URL: url, DANUBE_URL: url });
    expect(stdout).toContain(`Nothing listens at ${new URL(url).host}.`);
    expect(stdout).toContain('host and port of WALDUR_URL');
    expect(stdout).toContain('host and port of DANUBE_URL');
    expect(code).toBe(1);
  });

  it('says that the path is wrong', async () => {
    const { waldur, danube } = await aSandbox();
    const { stdout, code } = await check({
      WALDUR_URL: `${waldur.server.url}/cloud`,
      DANUBE_URL: `${danube.server.url}/cloud`,
    });
    expect(stdout).toContain('If Waldur lies under a path, WALDUR_URL has to end with it');
    expect(stdout).toContain('If Danube Cloud lies under a path, DANUBE_URL has to end with it');
    expect(code).toBe(1);
  });

  it.each([
    ['a page for people', 200, 'text/html', '<html>Welcome</html>'],
    ['JSON of something else', 200, 'application/json', '{"hello":"world"}'],
  ])('says of %s that it is no cloud', async (_what, status, type, body) => {
    const url = await aServer((_request, response) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    const { stdout, code } = await check({ WALDUR_URL: url, DANUBE_URL: url });
    expect(stdout).toContain(`Something answers that is not Waldur (status ${status}).`);
    expect(stdout).toContain(`Something answers that is not Danube Cloud (status ${status}).`);
    expect(code).toBe(1);
  });

  it('names where something leads on to, without what may be a secret', async () => {
    const url = await aServer((_request, response) => {
      response.writeHead(302, { location: 'https://login.example.com/sso?state=secret' }).end();
    });
    const { stdout, code } = await check({ WALDUR_URL: url });
    expect(stdout).toContain('It leads on to https://login.example.com/sso (status 302)');
    expect(stdout).not.toContain('secret');
    expect(code).toBe(1);
  });

  it('is 1 for a Redis that is not there, and never shows its address', async () => {
    const { waldur } = await aSandbox();
    const { host } = new URL(await aDeadAddress());
    const { stdout, code } = await check({
      WALDUR_URL: waldur.server.url,
      REDIS_URL: `redis://:a-password@${host}`,
      INSTANCES_SECRET: 'sixteen-letters-or-more',
    });
    expect(stdout).toContain('✗ Redis');
    expect(stdout).not.toContain('a-password');
    expect(code).toBe(1);
  });

  it('is 2 for a manifest that cannot be read', async () => {
    const { stderr, code } = await check({ PERSISTED_OPERATIONS: 'nowhere.json' });
    expect(stderr).toContain('PERSISTED_OPERATIONS must be a file of JSON that can be read');
    expect(code).toBe(2);
  });

  it('says of an answer without end, and of another protocol, what they are', async () => {
    const { createServer: createSocketServer } = await import('node:net');
    const server = createSocketServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    const { stdout } = await check({
      WALDUR_URL: `http://127.0.0.1:${await portOf(server)}`,
    });
    expect(stdout).toContain('speaks something else than HTTP');
  });

  it('says that a cloud fails, or speaks something else than HTTP', async () => {
    const failing = await aServer((_request, response) => {
      response.writeHead(502).end('Bad Gateway');
    });
    const { stdout, code } = await check({
      WALDUR_URL: failing,
      DANUBE_URL: failing.replace('http:', 'https:'),
    });
    expect(stdout).toContain('It answers with errors (status 502).');
    expect(stdout).toContain('does not speak TLS');
    expect(code).toBe(1);
  });

  it('is 2 for settings that are wrong, and looks at nothing', async () => {
    const { stdout, stderr, code } = await check({ WALDUR_URL: 'ftp://nowhere' });
    expect(stderr).toContain('WALDUR_URL must be an http or https URL');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('is 0 with nothing to look at', async () => {
    const { stdout, code } = await check({});
    expect(stdout).toContain('No cloud is configured');
    expect(code).toBe(0);
  });
});
