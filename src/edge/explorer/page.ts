/** The page around GraphiQL, and what browsers are told about it. */

import type { ExampleTab } from './examples.ts';

/** What the page's own script reads; `page/start.js` has the same type in JSDoc. */
export interface PageSettings {
  /** Credentials that are filled in. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whom the caller may choose to be. */
  readonly callers: readonly {
    readonly name: string;
    readonly headers: Readonly<Record<string, string>>;
  }[];
  readonly examples: readonly ExampleTab[];
  /** Whether answers come with how they came about. */
  readonly explains: boolean;
}

/**
 * Nothing is loaded from, or sent to, anywhere but here. Only styles may stand in the page itself: the
 * editor writes them as it goes.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Of the page and of all that it loads. */
export const explorerHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  // The sandbox's credentials may stand in it.
  'cache-control': 'no-store',
  'content-security-policy': policy,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** In a script element, where only a less-than sign can end it. */
const inScript = (settings: PageSettings) => JSON.stringify(settings).replaceAll('<', '\\u003c');

/**
 * @param assets - where the page's files are, as seen from the page; no slash at the end
 * @returns HTML
 */
export function explorerPage(assets: string, settings: PageSettings): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Stratograph</title>
    <link rel="icon" type="image/svg+xml" href="${assets}/icon.svg">
    <link rel="stylesheet" href="${assets}/graphiql.css">
    <link rel="stylesheet" href="${assets}/explorer.css">
  </head>
  <body>
    <noscript>GraphiQL needs JavaScript. The graph itself does not: ask it by POST at this address.</noscript>
    <header id="banner"></header>
    <main id="graphiql"></main>
    <script type="application/json" id="settings">${inScript(settings)}</script>
    <script defer src="${assets}/graphiql.js"></script>
    <script type="module" src="${assets}/start.js"></script>
  </body>
</html>
`;
}
