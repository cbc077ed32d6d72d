/** Chromium without a network, and pages that note what they should not do. */

import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's package `chromium`; .ci/run installs it. */
export function aBrowser(): Promise<Browser> {
  return chromium.launch({
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
}

export interface NotedPage {
  readonly page: Page;
  /** Addresses beyond loopback that it asked for. */
  readonly elsewhere: readonly string[];
  /** Errors on its console, breaches of its policy among them. */
  readonly complaints: readonly string[];
}

/** In a context of its own: nothing that another page has stored is there. */
export async function aPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<NotedPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
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
  return { page, elsewhere, complaints };
}
