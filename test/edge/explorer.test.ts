/** GraphiQL's page as browsers are given it. */

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { explorerPage } from '../../src/edge/explorer/page.ts';
import { aGateway, type TestGateway } from '../a-gateway.ts';

const pageOf = (gateway: TestGateway, url = gateway.url) =>
  fetch(url, { headers: { accept: 'text/html' } });

const assetsIn = (html: string) =>
  [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path);

describe('The page', () => {
  it('loads nothing but from here, and lets nobody frame it', async () => {
    const gateway = await aGateway();
    const response = await pageOf(gateway);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(Object.fromEntries(policy.split('; ').map((one) => one.split(/ (.*)/)))).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self'",
      'connect-src': "'self'",
      'frame-ancestors': "'none'",
      'form-action': "'none'",
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each(['', '/'])('finds its files under the address "/graphql%s"', async (slash) => {
    const gateway = await aGateway();
    const assets = assetsIn(await (await pageOf(gateway, gateway.url + slash)).text());
    expect(assets.length).toBeGreaterThan(4);
    for (const asset of assets) {
      const response = await fetch(new URL(asset, gateway.url + slash));
      expect(response.status, asset).toBe(200);
      await response.body?.cancel();
    }
  });

  it('is no longer than its settings: what is large is kept by browsers, and sent small', async () => {
    const gateway = await aGateway();
    const html = await (await pageOf(gateway)).text();
    expect(html.length).toBeLessThan(16_384);
    const script = assetsIn(html).find((path) => path.endsWith('graphiql.js')) ?? '';
    const whole = await fetch(new URL(script, gateway.url), {
      headers: { 'accept-encoding': 'identity' },
    });
    expect(whole.headers.get('content-encoding')).toBeNull();
    const zipped = await fetch(new URL(script, gateway.url), {
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(zipped.headers.get('cache-control')).toContain('immutable');
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(await zipped.text()).toBe(await whole.text());
    const old = await fetch(
      new URL(script.replace(/[\w-]+\/graphiql/, 'older/graphiql'), gateway.url),
    );
    expect(old.headers.get('cache-control')).toBe('no-store');
    await old.body?.cancel();
  });

  it('is made of modules that browsers run as they are: they import each other and nothing else', () => {
    const folder = new URL('../../src/edge/explorer/page/', import.meta.url);
    const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const imported = names.flatMap((name) =>
      [...readFileSync(new URL(name, folder), 'utf8').matchAll(/\bfrom '([^']+)'/g)].map(
        ([, from = '']) => from,
      ),
    );
    expect(imported.length).toBeGreaterThan(5);
    expect(imported.filter((from) => !names.includes(from.replace('./', '')))).toEqual([]);
  });

  it('has no other file', async () => {
    const gateway = await aGateway();
    for (const path of ['tsconfig.json', '..%2Fpage.ts', '%2e%2e/page.ts', 'nothing.js']) {
      const response = await fetch(`${gateway.url}/explorer/x/${path}`);
      expect(response.status, path).toBe(404);
      await response.body?.cancel();
    }
  });

  it('cannot be broken out of by what stands in its settings', () => {
    const headers = { Authorization: '</script><b>' };
    const html = explorerPage('x', { headers, callers: [], examples: [], explains: true });
    expect(html).not.toContain('</script><b>');
    const settings = /id="settings">(.*)<\/script>/.exec(html)?.[1] ?? '';
    expect(JSON.parse(settings).headers).toEqual(headers);
  });

  it('is not there when it is switched off, and neither are its files', async () => {
    const gateway = await aGateway({ env: { GRAPHIQL: 'false' } });
    const page = await pageOf(gateway);
    expect(await page.text()).not.toContain('graphiql');
    const response = await fetch(`${gateway.url}/explorer/x/start.js`);
    expect(response.status).toBe(404);
    await response.body?.cancel();
  });

  it('comes small to whoever takes it small, byte for byte', async () => {
    const gateway = await aGateway();
    const url = `${gateway.url}/explorer/x/start.js`;
    const { request } = await import('node:http');
    const raw = await new Promise<Buffer>((resolve, reject) => {
      request(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => resolve(Buffer.concat(pieces)));
      })
        .on('error', reject)
        .end();
    });
    const plain = await (await fetch(url, { headers: { 'accept-encoding': 'identity' } })).text();
    expect(gunzipSync(raw).toString()).toBe(plain);
  });
});
