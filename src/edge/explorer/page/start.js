/** The page, put together: GraphiQL in the middle, and what we say beside it. */

import { openBanner } from './banner.js';
import { openCredentials } from './credentials.js';
import { openExplanation } from './explanation.js';
import { openGraph } from './graph.js';
import { settings } from './settings.js';
import { tabStorage } from './storage.js';

/** @type {Readonly<Record<string, string>>} */
const workers = {
  editorWorkerService: 'editor-worker.js',
  json: 'json-worker.js',
  graphql: 'graphql-worker.js',
};

const page =
  /** @type {typeof globalThis & { MonacoEnvironment: unknown, YogaGraphiQL: { renderYogaGraphiQL: (place: HTMLElement, properties: object) => void } }} */ (
    globalThis
  );
page.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (/** @type {string} */ _module, /** @type {string} */ label) =>
    new URL(workers[label] ?? '', import.meta.url).href,
};

const place = (/** @type {string} */ id) =>
  /** @type {HTMLElement} */ (document.getElementById(id));

const credentials = openCredentials(() => void banner.refresh());
const graph = openGraph(location.pathname, credentials.headers, settings.explains);
const banner = openBanner(place('banner'), {
  ask: graph.ask,
  openForm: credentials.openForm,
});
const explanation = openExplanation();

page.YogaGraphiQL.renderYogaGraphiQL(place('graphiql'), {
  fetcher: graph.fetcher({
    ...explanation,
    onAnswer: (answer, ms) => {
      explanation.onAnswer(answer, ms);
      if (banner.isBelied(answer)) {
        void banner.refresh();
      }
    },
  }),
  defaultTabs: settings.examples,
  storage: tabStorage,
  shouldPersistHeaders: false,
  defaultEditorToolsVisibility: matchMedia('(min-width: 761px)').matches,
  // Its own writes the query into the address, from where it gets into histories and logs.
  onEditQuery: () => undefined,
});
explanation.mountIn(place('graphiql'));
void banner.refresh();
