/** Makes the README's picture: GraphiQL with an answer and the calls behind it. `npm run picture`. */

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { openGateway } from '../../src/gateway.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { tourOf } from '../../src/sandbox/tour.ts';
import { aBrowser, aPage } from './a-browser.ts';

const folder = fileURLToPath(new URL('../../docs/', import.meta.url));

await using opened = new AsyncDisposableStack();
const sandbox = await openSandbox();
opened.defer(() => sandbox.close());
const config = readConfig({
  PORT: '0',
  WALDUR_URL: sandbox.waldur.server.url,
  DANUBE_URL: sandbox.danube.server.url,
});
const gateway = openGateway(config, pino({ level: 'silent' }), tourOf(sandbox));
opened.defer(() => gateway.close());
const browser = await aBrowser();
opened.defer(() => browser.close());

// Clouds are further away than this machine from itself.
for (const [server, delayMs] of [
  [sandbox.waldur.server, 35],
  [sandbox.danube.server, 60],
] as const) {
  server.inject({ fault: { kind: 'delay', delayMs } });
}

const { page } = await aPage(browser, { viewport: { width: 1400, height: 860 } });
await page.goto((await gateway.listen()).graph);
await page.getByRole('tab', { name: 'AWholeProject' }).click();
await page.getByRole('button', { name: /execute query/i }).click();
await page.getByRole('region', { name: 'How the answer came about' }).getByRole('table').waitFor();
await page.getByRole('heading', { name: 'Stratograph' }).hover();
// Scroll bars fade once the mouse has left.
await page.locator('.monaco-editor .scrollbar.visible').first().waitFor({ state: 'detached' });
mkdirSync(folder, { recursive: true });
await page.screenshot({ path: `${folder}graphiql.png`, animations: 'disabled' });
