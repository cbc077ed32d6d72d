/** GraphiQL as a person with a browser and no internet meets it. */

import { mkdirSync } from 'node:fs';
import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClock } from '../../src/sandbox/clock.ts';
import { aGateway } from '../a-gateway.ts';
import { aBrowser, aPage } from './a-browser.ts';

const screenshots = new URL('./screenshots/', import.meta.url);
const shot = (page: Page, name: string) =>
  page.screenshot({ path: new URL(`${name}.png`, screenshots).pathname });

let browser: Browser;

beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true });
  browser = await aBrowser();
}, 60_000);

afterAll(() => browser?.close());

/** The page, once GraphiQL is there to be used. */
async function opened(url: string, options: Parameters<typeof aPage>[1] = {}) {
  const noted = await aPage(browser, options);
  await noted.page.goto(url);
  await runButton(noted.page).waitFor();
  return noted;
}

const runButton = (page: Page) => page.getByRole('button', { name: /execute query/i });
const explanation = (page: Page) => page.getByRole('region', { name: 'How the answer came about' });
const editor = (page: Page) =>
  page.getByRole('region', { name: 'Operation Editor' }).locator('textarea').first();
const banner = (page: Page) => page.getByRole('status');

/** Runs a step of a tab, with the mouse. */
async function runStep(page: Page, step: string) {
  // GraphiQL knows a moment after a tab is opened that it has several.
  await page.locator('[aria-haspopup=menu][aria-label^="Execute query"]').click();
  await page.getByRole('menuitem', { name: step }).click();
}

const asks = (request: Request, operation: string) =>
  request.method() === 'POST' && (request.postData() ?? '').includes(operation);

describe('GraphiQL', { timeout: 90_000 }, () => {
  it('answers an example with the network cut off, and shows the calls behind it', async () => {
    const gateway = await aGateway();
    const { page, elsewhere, complaints } = await opened(gateway.url);
    await runButton(page).click();
    await page.getByText('"totalCount": 400').first().waitFor();
    await explanation(page).getByText('Answered by 1 call · 20 rows').waitFor();
    await shot(page, 'answered');

    const tabs = await page.getByRole('tab').allInnerTexts();
    expect({
      tabs: tabs.map((tab) => tab.trim()).filter(Boolean),
      calls: await explanation(page).locator('tbody tr .call').allInnerTexts(),
      banner: (await banner(page).innerText()).replaceAll(/\s+/g, ' '),
      elsewhere,
      complaints,
    }).toEqual({
      tabs: [
        'WhoOwnsWhat',
        'OpenToTheWorld',
        'WhatHasErred',
        'FindAnything',
        'AWholeProject',
        'MachineToDeploy',
        'PortToOpen',
      ],
      calls: [expect.stringMatching(/^GET \/api\/openstack-security-groups\//)],
      banner:
        'Waldur connected as Sten Staff, staff Danube Cloud connected for archive, main, research',
      elsewhere: [],
      complaints: [],
    });
  });

  it('leads to a deployed machine, and back, with the mouse alone', async () => {
    const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
    const env = {
      WATCH_LEAST_MS: '50',
      WATCH_MOST_MS: '50',
      POLL_FIRST_MS: '50',
      POLL_MOST_MS: '1000',
    };
    const gateway = await aGateway({ clock, env });
    // Two seconds of the sandbox's with each look.
    gateway.sandbox.danube.server.inject({
      fault: { kind: 'delay', delayMs: 0 },
      when: () => {
        clock.advance(2_000);
        return false;
      },
    });
    const { page, elsewhere, complaints } = await opened(gateway.url);
    await page.getByRole('tab', { name: 'MachineToDeploy' }).click();
    await runStep(page, 'MachineToDeploy');
    await page.getByText('"virtualMachine": null').waitFor();
    await runStep(page, 'DeployMachine');
    await explanation(page).getByText('POST').first().waitFor();
    await runStep(page, 'FollowMachine');
    await explanation(page)
      .getByText(/^\d events in .* complete$/)
      .waitFor();
    await shot(page, 'followed');
    expect(await explanation(page).locator('li').allInnerTexts()).toEqual([
      expect.stringContaining('"status":"DEPLOYING"'),
      expect.stringContaining('"status":"RUNNING"'),
    ]);
    const machines = () =>
      gateway.sandbox.danube.world.machines.filter(
        ({ hostname, status }) => hostname === 'first-steps.lan' && status === 'running',
      );
    expect(machines()).toHaveLength(1);
    await runStep(page, 'DestroyMachine');
    await page.getByText('"settled": true').waitFor();
    expect({ machines: machines(), elsewhere, complaints }).toEqual({
      machines: [],
      elsewhere: [],
      complaints: [],
    });
  });

  it.each(['MachineToDeploy', 'PortToOpen'])(
    'only looks when it is run before it knows of several steps: %s',
    async (title) => {
      const gateway = await aGateway();
      const { page } = await opened(gateway.url);
      const asked = page.waitForRequest((request) => asks(request, title));
      // Both clicks at once: GraphiQL reads the steps a tenth of a second after the tab is there.
      await page.evaluate((name) => {
        const click = (selector: string, text = '') =>
          [...globalThis.document.querySelectorAll<HTMLElement>(selector)]
            .find(({ textContent }) => textContent?.includes(text))
            ?.click();
        click('[role=tab] button', name);
        click('[aria-label^="Execute query"]');
      }, title);
      expect((await asked).postDataJSON()).toMatchObject({ operationName: title });
      await explanation(page)
        .getByText(/^Answered by/)
        .waitFor();
      expect(await page.getByRole('menuitem').count()).toBe(0);
    },
  );

  it('only looks when it is run by keyboard where its text begins, whichever step was run before', async () => {
    const gateway = await aGateway();
    const { page } = await opened(gateway.url);
    await page.getByRole('tab', { name: 'MachineToDeploy' }).click();
    await runStep(page, 'DestroyMachine');
    await page.getByText('"code": "NOT_FOUND"').waitFor();
    const asked = page.waitForRequest((request) => asks(request, 'MachineToDeploy'));
    await editor(page).focus();
    await page.keyboard.press('Control+Enter');
    expect((await asked).postDataJSON()).toMatchObject({ operationName: 'MachineToDeploy' });
  });

  it('keeps credentials in the tab, and sends them with all that it asks', async () => {
    const gateway = await aGateway({ env: { WALDUR_TOKEN: '', DANUBE_API_KEY: '' } });
    const { member } = gateway.sandbox.callers;
    const { page } = await opened(gateway.url);
    await page.getByRole('button', { name: 'Credentials…' }).click();
    await page.getByLabel('Waldur').fill(member.waldurToken);
    await page.getByLabel('Danube Cloud').fill(member.danubeApiKey);
    await page.getByRole('button', { name: 'Use these' }).click();
    await banner(page).getByText('as Mart Member').waitFor();
    await page.reload();
    await banner(page).getByText('as Mart Member').waitFor();
    await page.getByText('WhoOwnsWhat', { exact: true }).nth(1).waitFor();
    const asked = page.waitForRequest((request) => asks(request, 'WhoOwnsWhat'));
    await runButton(page).click();
    const headers = (await asked).headers();
    await explanation(page)
      .getByText(/^Answered by/)
      .waitFor();

    const another = await page.context().newPage();
    await another.goto(gateway.url);
    await banner(another).getByText('as Sten Staff, staff').waitFor();
    const kept = JSON.stringify(await another.evaluate(() => ({ ...globalThis.localStorage })));
    expect({
      authorization: headers.authorization,
      key: headers['x-danube-api-key'],
      keptForOthers: kept.includes(member.waldurToken) || kept.includes(member.danubeApiKey),
      address: page.url(),
      requested: gateway.logged.filter((line) => line.includes(member.waldurToken)),
    }).toEqual({
      authorization: `Token ${member.waldurToken}`,
      key: member.danubeApiKey,
      keptForOthers: false,
      address: gateway.url,
      requested: [],
    });
  });

  it('says whom a cloud does not know, and which cloud there is none of', async () => {
    const gateway = await aGateway({ without: 'danube' });
    const { page } = await opened(gateway.url);
    await page.getByRole('button', { name: 'Credentials…' }).click();
    await page.getByRole('button', { name: 'Empty' }).click();
    await page.getByRole('button', { name: 'Use these' }).click();
    await banner(page).getByText('as nobody').waitFor();
    expect((await banner(page).innerText()).replaceAll(/\s+/g, ' ')).toBe(
      'Waldur connected as nobody Danube Cloud not connected',
    );
  });

  it('says when a cloud has stopped to answer, and when it is there again', async () => {
    const gateway = await aGateway({ env: { UPSTREAM_RETRIES: '0' } });
    const { page } = await opened(gateway.url);
    await banner(page).getByText('as Sten Staff').waitFor();
    const mend = gateway.sandbox.waldur.server.inject({ fault: { kind: 'reset' } });
    await runButton(page).click();
    await banner(page).getByText('Waldur does not answer').waitFor();
    mend();
    await runButton(page).click();
    await banner(page).getByText('as Sten Staff').waitFor();
  });

  it('is used with the keyboard as well', async () => {
    const gateway = await aGateway();
    const { page } = await opened(gateway.url);
    const credentials = page.getByRole('button', { name: 'Credentials…' });
    await credentials.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await editor(page).focus();
    await page.keyboard.press('Control+Enter');
    await explanation(page)
      .getByText(/^Answered by/)
      .waitFor();
    await explanation(page).getByRole('button').focus();
    await page.keyboard.press('Enter');
    await explanation(page).getByRole('table').waitFor({ state: 'hidden' });
  });

  const looks = [
    { name: 'wide-light', width: 1400, height: 900, colorScheme: 'light' },
    { name: 'wide-dark', width: 1400, height: 900, colorScheme: 'dark' },
    { name: 'narrow-light', width: 400, height: 800, colorScheme: 'light' },
    { name: 'narrow-dark', width: 400, height: 800, colorScheme: 'dark' },
  ] as const;
  it.each(looks)('fits the window and the light: $name', async ({ name, ...look }) => {
    const gateway = await aGateway();
    const { width, height, colorScheme } = look;
    const { page } = await opened(gateway.url, { viewport: { width, height }, colorScheme });
    await page.getByRole('tab', { name: 'AWholeProject' }).click();
    await runButton(page).click();
    await explanation(page).getByRole('table').waitFor();
    await shot(page, name);
    await explanation(page).scrollIntoViewIfNeeded();
    await shot(page, `${name}-explanation`);
    const found = await page.evaluate(() => {
      const { body, documentElement } = globalThis.document;
      const session = globalThis.document.querySelector('#graphiql-session');
      const channels = (colour: string) => (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number);
      const style = globalThis.getComputedStyle(body);
      const brightness = (colour: string) =>
        channels(colour).reduce((sum, one) => sum + one, 0) / 3;
      return {
        overflow: documentElement.scrollWidth - globalThis.innerWidth,
        screens:
          session === null || globalThis.getComputedStyle(session).overflowY !== 'auto'
            ? 1
            : session.scrollHeight / globalThis.innerHeight,
        ground: brightness(style.backgroundColor),
        ink: brightness(style.color),
      };
    });
    expect(found.overflow).toBeLessThanOrEqual(0);
    expect(found.screens).toBeLessThan(1.5);
    expect(
      colorScheme === 'dark' ? found.ink - found.ground : found.ground - found.ink,
    ).toBeGreaterThan(120);
  });
});
