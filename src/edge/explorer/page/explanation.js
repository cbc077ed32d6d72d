/** How an answer came about, below it: calls with bars for their time, plans, links that cost nothing. */

import { element } from './element.js';

/** @typedef {import('./graph.js').Answer} Answer */

/**
 * A call as `extensions.explain` tells it.
 *
 * @typedef {object} Call
 * @property {string} upstream
 * @property {string} method
 * @property {string} path - with its query
 * @property {number | null} status
 * @property {number} durationMs
 * @property {number} bytes
 * @property {boolean} shared
 * @property {number | null} budgetLeft
 * @property {number} tries
 * @property {number | null} rows
 */

/**
 * @typedef {object} Explained - as in src/session/explanation.ts
 * @property {readonly Call[]} calls
 * @property {readonly { collection: string, demand: string, weighed: readonly { plan: string, calls: number, rows: number, cost: number, taken: boolean }[] }[]} plans
 * @property {Readonly<Record<string, number>>} freeLinks
 * @property {readonly string[]} topUps
 */

/** @param {number} ms */
function inMs(ms) {
  return ms < 1_000
    ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
    : `${(ms / 1_000).toFixed(1)} s`;
}

/** @param {number} bytes */
const inKib = (bytes) => (bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KiB`);

/** @param {number} count @param {string} noun */
const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {Call} call @param {number} longestMs */
function callRow(call, longestMs) {
  const [path = '', query = ''] = call.path.split('?');
  const parameters = query === '' ? [] : query.split('&').map(decoded);
  // Whole in its tooltip: the end of the path says more than the middle of a uuid.
  const short = decoded(path).replaceAll(/[0-9a-f]{32}/g, (uuid) => `${uuid.slice(0, 4)}…`);
  const name = [element('b', {}, call.method), ` ${short}`];
  const notes = [
    ...(call.shared ? ['shared with a call under way'] : []),
    ...(call.tries > 1 ? [`sent ${call.tries} times`] : []),
  ];
  const part = Math.max(0.01, call.durationMs / longestMs);
  const bar = element('span.bar', { 'aria-hidden': 'true' });
  bar.style.setProperty('--part', String(part));
  const isBad = call.status === null || call.status >= 400;
  return element(
    'tr',
    { 'data-cloud': call.upstream },
    element(
      'td.call',
      { title: decoded(call.path) },
      parameters.length === 0
        ? element('span', {}, ...name)
        : element(
            'details',
            {},
            element('summary', {}, ...name, element('span.query', {}, ` ?${parameters.join('&')}`)),
            element('ul', {}, ...parameters.map((one) => element('li', {}, one))),
          ),
      ...notes.map((note) => element('small', {}, note)),
    ),
    element(isBad ? 'td.bad' : 'td', {}, String(call.status ?? 'none')),
    element('td.number', {}, call.rows === null ? '–' : String(call.rows)),
    element('td.number', {}, inKib(call.bytes)),
    element('td.time', {}, bar, element('span', {}, inMs(call.durationMs))),
  );
}

/** @param {Explained} explained */
function callTable({ calls }) {
  const longestMs = Math.max(1, ...calls.map(({ durationMs }) => durationMs));
  const titles = ['Call', 'Status', 'Rows', 'Size', 'Time'];
  return element(
    'table',
    {},
    element(
      'thead',
      {},
      element('tr', {}, ...titles.map((title) => element('th', { scope: 'col' }, title))),
    ),
    element('tbody', {}, ...calls.map((call) => callRow(call, longestMs))),
  );
}

/** @param {Explained} explained */
function planLists({ plans }) {
  return plans.map(({ collection, demand, weighed }) =>
    element(
      'div.plan',
      {},
      element('h3', {}, `Plan for ${collection}: ${demand}`),
      element(
        'ul',
        {},
        ...weighed.map(({ plan, calls, rows, cost, taken }) =>
          element(
            taken ? 'li.taken' : 'li',
            {},
            `${taken ? 'taken: ' : ''}${plan}, ${counted(calls, 'call')}, ${counted(rows, 'row')}, cost ${cost}`,
          ),
        ),
      ),
    ),
  );
}

/** @param {Explained} explained */
function freeLinks({ freeLinks: links }) {
  const names = Object.entries(links).map(([link, count]) => `${link} ×${count}`);
  return names.length === 0
    ? []
    : [element('p.free', {}, element('b', {}, 'Links that cost no call: '), names.join(', '))];
}

/** @param {Answer} event @param {number} ms */
function eventRow(event, ms) {
  const [root] = Object.values(/** @type {object} */ (event.data ?? {}));
  const text = event.errors?.[0]?.message ?? JSON.stringify(root);
  return element('li', {}, element('time', {}, `${(ms / 1_000).toFixed(1)} s`), ` ${text}`);
}

/**
 * The panel; it hears of requests as an onlooker of the graph, and takes `extensions.explain` out of the
 * answers, where it would stand in the way.
 */
export function openExplanation() {
  const summary = element('span', {}, 'Run a query to see the calls behind its answer.');
  const body = element('div.body');
  const toggle = element(
    'button.toggle',
    {
      type: 'button',
      'aria-expanded': 'true',
      click: () => {
        const isOpen = toggle.getAttribute('aria-expanded') === 'true';
        toggle.setAttribute('aria-expanded', String(!isOpen));
        body.hidden = isOpen;
      },
    },
    summary,
  );
  const panel = element(
    'section.explanation',
    { 'aria-label': 'How the answer came about' },
    toggle,
    body,
  );

  /** @param {string} text @param {...Node} content */
  const show = (text, ...content) => {
    summary.textContent = text;
    body.replaceChildren(...content);
  };

  let events = element('ol.events');
  return {
    /** @param {import('./graph.js').Asked} asked */
    onAsked: ({ operationName }) => show(`${operationName ?? 'Query'} is under way…`),

    /** @param {Answer} answer @param {number} ms */
    onAnswer: (answer, ms) => {
      const explain = /** @type {Explained | undefined} */ (answer.extensions?.explain);
      if (explain === undefined) {
        const isRefused = answer.data === undefined;
        show(isRefused ? `Refused after ${inMs(ms)}` : `Answered in ${inMs(ms)}, unexplained`);
        return;
      }
      delete answer.extensions?.explain;
      if (Object.keys(answer.extensions ?? {}).length === 0) {
        delete answer.extensions;
      }
      const rows = explain.calls.reduce((sum, call) => sum + (call.rows ?? 0), 0);
      const left = explain.calls.flatMap(({ budgetLeft }) => budgetLeft ?? []);
      const parts = [
        counted(explain.calls.length, 'call'),
        counted(rows, 'row'),
        inMs(ms),
        ...(left.length === 0 ? [] : [`${counted(Math.min(...left), 'call')} left this minute`]),
      ];
      show(
        `Answered by ${parts.join(' · ')}`,
        callTable(explain),
        ...freeLinks(explain),
        ...planLists(explain),
        element(
          'details.json',
          {},
          element('summary', {}, 'As JSON, as extensions.explain'),
          element('pre', {}, JSON.stringify(explain, null, 2)),
        ),
      );
    },

    /** @param {Answer} event @param {number} ms */
    onEvent: (event, ms) => {
      if (!events.isConnected) {
        events = element('ol.events');
        show('', events);
      }
      events.append(eventRow(event, ms));
      summary.textContent = `${counted(events.childElementCount, 'event')}, and more to come`;
      events.lastElementChild?.scrollIntoView({ block: 'nearest' });
    },

    /** @param {number} ms */
    onEnd: (ms) => {
      summary.textContent = `${counted(events.childElementCount, 'event')} in ${(ms / 1000).toFixed(1)} s, complete`;
    },

    /** Puts it below GraphiQL's answers, as soon as there is such a place. @param {HTMLElement} graphiql */
    mountIn: (graphiql) => {
      const mount = () => {
        const place = graphiql.querySelector('.graphiql-response');
        place?.append(panel);
        return place !== null;
      };
      if (!mount()) {
        const watcher = new MutationObserver(() => mount() && watcher.disconnect());
        watcher.observe(graphiql, { childList: true, subtree: true });
      }
    },
  };
}
