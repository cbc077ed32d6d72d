/** GraphiQL at the graph's own address, whole without a network: many of these clouds have no internet. */

import type { Plugin } from 'graphql-yoga';
import { type Asset, assetNamed, assetVersion } from './explorer/assets.ts';
import { type ExampleVariables, examplesWith } from './explorer/examples.ts';
import { explorerHeaders, explorerPage } from './explorer/page.ts';

/** Whom the page can be, with a click. */
export interface ExplorerCaller {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What GraphiQL opens with. */
export interface Explorer {
  /** Credentials that are filled in, e.g. the sandbox's; people exchange them in the page. */
  readonly headers: Readonly<Record<string, string>>;
  /** To choose from; only the sandbox may tell credentials. */
  readonly callers?: readonly ExplorerCaller[];
  /** Values for the examples, in place of those that have to be filled in by hand. */
  readonly variables?: ExampleVariables;
}

const assetPath = /\/explorer\/([\w-]+)\/([\w-]+(?:\.\w+)+)$/;

/**
 * Answers browsers that open the graph's address with the page, and the page with what it loads,
 * from below the same address: whoever lets one through lets the other through.
 *
 * @param endpoint - the graph's path, such as `/graphql`
 * @param explains - whether the page may ask how answers came about
 */
export function useExplorer(explorer: Explorer, endpoint: string, explains: boolean): Plugin {
  const answer: NonNullable<Plugin['onRequest']> = async (payload) => {
    const { request, url, fetchAPI, endResponse } = payload;
    const [, version, name] = assetPath.exec(url.pathname) ?? [];
    if (name !== undefined) {
      const asset = await assetNamed(name);
      endResponse(
        asset === undefined
          ? new fetchAPI.Response(null, { status: 404 })
          : assetResponse(asset, request, version === (await assetVersion()), fetchAPI.Response),
      );
      return;
    }
    const isPage = url.pathname === endpoint || url.pathname === `${endpoint}/`;
    if (isPage && request.headers.get('accept')?.includes('text/html')) {
      // Relative, so that a proxy may have the graph under another path.
      const base = url.pathname.endsWith('/') ? '.' : endpoint.replace(/^.*\//, '');
      const page = explorerPage(`${base}/explorer/${await assetVersion()}`, {
        headers: explorer.headers,
        callers: explorer.callers ?? [],
        examples: examplesWith(explorer.variables ?? {}),
        explains,
      });
      endResponse(new fetchAPI.Response(page, { headers: { ...explorerHeaders } }));
    }
  };
  return {
    // Operations, which come by POST, wait for none of it.
    onRequest: (payload) => {
      const { request, url } = payload;
      const isOurs = request.method === 'GET' && url.pathname.startsWith(endpoint);
      return isOurs ? answer(payload) : undefined;
    },
  };
}

/** @param isCurrent - whether it was asked for by the version that there is, which never changes */
function assetResponse(
  { type, bytes, gzipped }: Asset,
  request: Request,
  isCurrent: boolean,
  ResponseClass: typeof Response,
): Response {
  const isZipped = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
  return new ResponseClass(isZipped ? gzipped : bytes, {
    headers: {
      ...explorerHeaders,
      'content-type': type,
      'cache-control': isCurrent ? 'public, max-age=31536000, immutable' : 'no-store',
      vary: 'accept-encoding',
      ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
    },
  });
}
