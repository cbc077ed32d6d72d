/** What the page is connected to, and as whom. */

import { element } from './element.js';

/** @typedef {import('./graph.js').Answer} Answer */

/**
 * A cloud, and the field that it answers only to whom it knows.
 *
 * @typedef {object} Cloud
 * @property {string} key
 * @property {string} name
 * @property {string} field
 * @property {string} selection
 * @property {(found: any) => string} identity - of what the field has
 */

/** @type {readonly Cloud[]} */
const clouds = [
  {
    key: 'waldur',
    name: 'Waldur',
    field: 'viewer',
    selection: '{ username fullName isStaff isSupport }',
    identity: ({ username, fullName, isStaff, isSupport }) =>
      `as ${fullName ?? username}${isStaff ? ', staff' : isSupport ? ', support' : ''}`,
  },
  {
    key: 'danube',
    name: 'Danube Cloud',
    field: 'datacenters',
    selection: '{ name }',
    identity: (datacenters) =>
      datacenters.length === 0
        ? 'for no datacenter'
        : `for ${datacenters.map((/** @type {{ name: string }} */ { name }) => name).join(', ')}`,
  },
];

/**
 * What an error says of a cloud, by its code.
 *
 * @type {Readonly<Record<string, readonly [state: string, word: string, identity: string]>>}
 */
const troubles = {
  UNAUTHENTICATED: ['refused', 'connected', 'as nobody'],
  FORBIDDEN: ['refused', 'connected', 'and refuses this caller'],
  UPSTREAM_NOT_CONFIGURED: ['none', 'not connected', ''],
  UPSTREAM_UNAVAILABLE: ['away', 'does not answer', ''],
  UPSTREAM_TIMEOUT: ['away', 'does not answer in time', ''],
  UPSTREAM_FAILED: ['away', 'answers with errors of its own', ''],
  RATE_LIMITED: ['away', 'takes no more calls for now', ''],
};

/** @param {Cloud} cloud @param {Answer} answer @returns {readonly [string, string, string]} */
function stateOf({ field, identity }, { data, errors = [] }) {
  const found = /** @type {Record<string, unknown> | null | undefined} */ (data)?.[field];
  if (found) {
    return ['connected', 'connected', identity(found)];
  }
  const code = errors.find(({ path }) => path?.[0] === field)?.extensions?.code ?? '';
  return troubles[code] ?? ['unknown', 'unknown', ''];
}

/**
 * @param {HTMLElement} place
 * @param {object} surroundings
 * @param {(query: string) => Promise<Answer>} surroundings.ask - as the caller
 * @param {() => void} surroundings.openForm - for other credentials
 */
export function openBanner(place, { ask, openForm }) {
  const parts = clouds.map((cloud) => {
    const state = element('span.state', {}, '…');
    const identity = element('span.identity');
    const line = element(
      'span.cloud',
      {},
      element('span.dot', { 'aria-hidden': 'true' }),
      element('b', {}, cloud.name),
      ' ',
      state,
      ' ',
      identity,
    );
    return { cloud, line, state, identity };
  });
  place.append(
    element('h1', {}, 'Stratograph'),
    element('div.clouds', { role: 'status' }, ...parts.map(({ line }) => line)),
    element('button', { type: 'button', click: openForm }, 'Credentials…'),
  );
  let isTroubled = false;

  return {
    /** Asks both clouds who the caller is, which is a call to each. */
    refresh: async () => {
      const fields = clouds.map(({ field, selection }) => `${field} ${selection}`).join(' ');
      const answer = await ask(`query ExplorerCaller { ${fields} }`).catch(
        () => /** @type {Answer} */ ({}),
      );
      isTroubled = false;
      for (const { cloud, line, state, identity } of parts) {
        const [kind, word, who] = stateOf(cloud, answer);
        isTroubled ||= kind === 'away' || kind === 'unknown';
        line.dataset.state = kind;
        state.textContent = word;
        identity.textContent = who;
      }
    },

    /** Whether an answer says other than what stands here. @param {Answer} answer */
    isBelied: ({ errors }) =>
      isTroubled || errors?.some(({ extensions }) => extensions?.upstream !== undefined) === true,
  };
}
