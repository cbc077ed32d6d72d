/** Whom the gateway believes about a client's address. */

import { describe, expect, it } from 'vitest';
import { clientAddresses } from '../../src/edge/client-address.ts';
import { aGateway } from '../a-gateway.ts';

describe('The client of a request', () => {
  const trusted = ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'];
  it.each([
    ['203.0.113.9', null, '203.0.113.9'],
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', '6.6.6.6, 198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', '198.51.100.1, 10.9.9.9, 192.0.2.1', '198.51.100.1'],
    ['::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['2001:db8::1', '2001:470::7', '2001:470::7'],
    ['10.1.2.3', 'nonsense', '10.1.2.3'],
    ['10.1.2.3', '198.51.100.1, ', '10.1.2.3'],
    ['10.1.2.3', null, '10.1.2.3'],
    [undefined, '198.51.100.1', undefined],
  ])('from %s, forwarded for %s, is %s', (socket, forwarded, client) => {
    expect(clientAddresses(trusted)(socket, forwarded)).toBe(client);
  });

  it('is told upstream, and nothing that the client has made up', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.7' };
    const told = async (env: Record<string, string>) => {
      const gateway = await aGateway({ env });
      await gateway.run('{ projects { totalCount } }', { headers });
      return gateway.sandbox.waldur.server.calls[0]?.headers['x-forwarded-for'];
    };
    expect(await told({})).toBe('127.0.0.1');
    expect(await told({ TRUSTED_PROXIES: '127.0.0.0/8' })).toBe('198.51.100.7');
  });

  it('brings no header upstream that is not meant for it', async () => {
    const gateway = await aGateway();
    await gateway.run('{ projects { totalCount } datacenters { name } }', {
      headers: {
        cookie: 'session=1',
        'x-evil': 'x',
        host: 'evil.example.com',
        'accept-language': 'it',
        'x-forwarded-host': 'evil.example.com',
        'es-stream': 'es',
        'transfer-encoding-evil': 'x',
      },
    });
    const { waldur, danube } = gateway.sandbox;
    const known = (server: typeof waldur.server) =>
      [...new Set(server.calls.flatMap((call) => Object.keys(call.headers)))].sort();
    expect(known(waldur.server)).toEqual([
      'accept',
      'accept-language',
      'authorization',
      'connection',
      'host',
      'x-forwarded-for',
    ]);
    expect(known(danube.server)).toEqual([
      'accept',
      'accept-language',
      'connection',
      'es-api-key',
      'host',
      'x-forwarded-for',
    ]);
    expect(waldur.server.calls[0]?.headers['accept-language']).toBe('en');
  });
});
