/** What the page is connected to, and as whom. */

import { element } from './element.js';

/** @typedef {import('./graph.js').Answer} Answer */

/** With what only those can ask whom the cloud knows. */
const clouds = [
  { key: 'waldur', name: 'Waldur', selection: 'viewer { username fullName isStaff isSupport }' },
  { key: 'danube', name: 'Danube Cloud', selection: 'datacenters { name }' },
];

/** The words of /health/ready, for people. @type {Readonly<Record<string, string>>} */
const stateWords = {
  closed: 'connected',
  'half-open': 'being tried again',
  open: 'does not answer',
};

/** @param {Answer} answer @param {string} path */
const codeAt = ({ errors = [] }, path) =>
  errors.find((error) => /** @type {{ path?: unknown[] }} */ (error).path?.[0] === path)?.extensions
    ?.code;

/** @param {Answer} answer */
function waldurIdentity(answer) {
  const { viewer } = /** @type {{ viewer?: Record<string, unknown> | null }} */ (answer.data ?? {});
  if (!viewer) {
    return codeAt(answer, 'viewer') === 'UNAUTHENTICATED' ? 'nobody' : 'unknown';
  }
  const role = viewer.isStaff ? ', staff' : viewer.isSupport ? ', support' : '';
  return `${viewer.fullName ?? viewer.username}${role}`;
}

/** @param {Answer} answer */
function danubeIdentity(answer) {
  const { datacenters } = /** @type {{ datacenters?: { name: string }[] | null }} */ (
    answer.data ?? {}
  );
  if (!datacenters) {
    return codeAt(answer, 'datacenters') === 'UNAUTHENTICATED' ? 'nobody' : 'unknown';
  }
  const names = datacenters.map(({ name }) => name);
  return names.length === 0 ? 'no datacenter' : names.join(', ');
}

/**
 * @param {HTMLElement} place
 * @param {object} surroundings
 * @param {(query: string) => Promise<Answer>} surroundings.ask - as the caller
 * @param {URL} surroundings.health - of the gateway
 * @param {() => void} surroundings.openForm - for other credentials
 * @returns {{ refresh: () => Promise<void>, askWho: () => Promise<void> }} `refresh` looks at the clouds,
 *   `askWho` at the caller as well
 */
export function openBanner(place, { ask, health, openForm }) {
  const parts = clouds.map(({ key, name }) => {
    const state = element('span.state', {}, '…');
    const identity = element('span.identity');
    const cloud = element(
      'span.cloud',
      { 'data-cloud': key },
      element('span.dot', { 'aria-hidden': 'true' }),
      element('b', {}, name),
      ' ',
      state,
      identity,
    );
    return { key, cloud, state, identity };
  });
  place.append(
    element('h1', {}, 'Stratograph'),
    element('div.clouds', { role: 'status' }, ...parts.map(({ cloud }) => cloud)),
    element('button', { type: 'button', click: openForm }, 'Credentials…'),
  );

  /** Undefined while the gateway does not tell. @type {Record<string, { state: string }> | undefined} */
  let known;

  const refresh = async () => {
    const found = await fetch(health, { credentials: 'omit' })
      .then((response) => response.json())
      .catch(() => undefined);
    known = found?.clouds;
    for (const { key, cloud, state, identity } of parts) {
      const word = known === undefined ? 'unknown' : (known[key]?.state ?? 'none');
      cloud.dataset.state = word;
      state.textContent = word === 'none' ? 'not connected' : (stateWords[word] ?? word);
      identity.hidden = word === 'none';
    }
  };

  const askWho = async () => {
    await refresh();
    const asked = clouds.filter(({ key }) => known === undefined || known[key] !== undefined);
    if (asked.length === 0) {
      return;
    }
    const selections = asked.map(({ selection }) => selection).join(' ');
    const answer = await ask(`query ExplorerCaller { ${selections} }`).catch(
      () => /** @type {Answer} */ ({}),
    );
    for (const { key, identity } of parts) {
      const who = key === 'waldur' ? waldurIdentity(answer) : danubeIdentity(answer);
      identity.textContent = key === 'waldur' ? ` as ${who}` : ` for ${who}`;
      identity.classList.toggle('nobody', who === 'nobody');
    }
  };

  return { refresh, askWho };
}
