/** GraphiQL as a person with a browser and no internet meets it. */

import { mkdirSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aGateway } from '../a-gateway.ts';

const screenshots = new URL('./screenshots/', import.meta.url);

let browser: Browser;

beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true });
  // Debian's package `chromium`; .ci/run installs it.
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Whatever is not loopback has no address: the page lives without any network.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
}, 60_000);

afterAll(() => browser?.close());

describe('GraphiQL', () => {
  it('answers an example query with the network cut off', { timeout: 90_000 }, async () => {
    const gateway = await aGateway();
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const elsewhere: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => {
      if (!/^(data|blob|http:\/\/127\.0\.0\.1[:/])/.test(request.url())) {
        elsewhere.push(request.url());
      }
    });
    page.on('console', (message) => {
      if (message.type() === 'error') {
        complaints.push(message.text());
      }
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(gateway.url);
    const run = page.getByRole('button', { name: /execute query/i });
    await run.waitFor();
    const answered = page.waitForResponse(
      (response) =>
        response.request().method() === 'POST' &&
        (response.request().postData() ?? '').includes('LinkedList'),
    );
    await run.click();
    const answer = (await (await answered).json()) as {
      data: { securityGroups: { totalCount: number } };
    };
    await page.getByText('"totalCount": 400').first().waitFor();
    await page.screenshot({ path: new URL('answered.png', screenshots).pathname });

    const tabs = await page.getByRole('tab').allInnerTexts();
    expect({
      total: answer.data.securityGroups.totalCount,
      tabs: tabs.map((tab) => tab.trim()).filter(Boolean),
      elsewhere,
      complaints,
    }).toEqual({
      total: 400,
      tabs: expect.arrayContaining([
        'LinkedList',
        'FlatList',
        'TenantRules',
        'MachinesAndProjects',
        'EverythingErred',
      ]),
      elsewhere: [],
      complaints: [],
    });
  });
});
