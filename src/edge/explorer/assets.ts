/** What the page loads: GraphiQL as it comes in its package, and our own modules beside it. */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** One file as browsers get it. */
export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

const ownFolder = new URL('./page/', import.meta.url);

const typeByEnding: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

const typeOf = (name: string) => typeByEnding[name.replace(/^.*\./, '')];

/** GraphiQL's parts by the names that the page uses for them. */
async function graphiqlTexts(): Promise<ReadonlyMap<string, string>> {
  const { js, css, editorWorkerService, jsonWorker, graphqlWorker } = await import(
    '@graphql-yoga/render-graphiql/graphiql'
  );
  return new Map([
    ['graphiql.js', js],
    ['graphiql.css', css],
    ['editor-worker.js', editorWorkerService],
    ['json-worker.js', jsonWorker],
    ['graphql-worker.js', graphqlWorker],
  ]);
}

async function ownTexts(): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(ownFolder)).filter((name) => typeOf(name) !== undefined);
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(new URL(name, ownFolder), 'utf8')] as const),
    ),
  );
}

interface Assets {
  readonly version: string;
  readonly texts: ReadonlyMap<string, string>;
}

let loaded: Promise<Assets> | undefined;
const made = new Map<string, Promise<Asset>>();

/** All of it is large, so nothing is read before somebody opens the page. */
function assets(): Promise<Assets> {
  loaded ??= (async () => {
    const texts = new Map([...(await graphiqlTexts()), ...(await ownTexts())]);
    const hash = createHash('sha256');
    for (const [name, text] of texts) {
      hash.update(`${name}\n${text}`);
    }
    return { version: hash.digest('base64url').slice(0, 12), texts };
  })();
  return loaded;
}

/** Twelve characters that change when any of the files does. */
export async function assetVersion(): Promise<string> {
  return (await assets()).version;
}

/** @returns undefined when the page has no such file */
export async function assetNamed(name: string): Promise<Asset | undefined> {
  const text = (await assets()).texts.get(name);
  const type = typeOf(name);
  if (text === undefined || type === undefined) {
    return undefined;
  }
  const before = made.get(name);
  if (before !== undefined) {
    return before;
  }
  const bytes = new TextEncoder().encode(text);
  const making = promisify(gzip)(bytes).then((gzipped) => ({
    type,
    bytes,
    gzipped: new Uint8Array(gzipped),
  }));
  made.set(name, making);
  return making;
}
