/**
 * Where GraphiQL keeps what it keeps. Its tabs and its history hold queries, variables and headers, so
 * they end with the browser's tab; only how the page looks is remembered for the next one.
 */

const looks = /^graphiql:(theme|.*Flex|.*Size|visiblePlugin)$/i;

/** @param {string} key */
const placeOf = (key) => (looks.test(key) ? localStorage : sessionStorage);

/**
 * What the shown tab holds. GraphiQL keeps it apart only once it was edited, and opens an empty tab when
 * it does not find the one by the other.
 *
 * @param {string} key
 * @returns {string | null | undefined} undefined when this is no part of a tab, or there are no tabs
 */
function partOfTab(key) {
  const part = /^graphiql:(query|variables|headers)$/.exec(key)?.[1];
  const stored = part && sessionStorage.getItem('graphiql:tabState');
  if (!stored) {
    return undefined;
  }
  const { tabs, activeTabIndex } = JSON.parse(stored);
  return tabs[activeTabIndex]?.[part] ?? null;
}

/** What GraphiQL takes in place of `localStorage`. */
export const tabStorage = {
  get length() {
    return sessionStorage.length;
  },
  /** @param {string} key */
  getItem: (key) => {
    const part = partOfTab(key);
    return part === undefined ? placeOf(key).getItem(key) : part;
  },
  /** @param {string} key @param {string} value */
  setItem: (key, value) => placeOf(key).setItem(key, value),
  /** @param {string} key */
  removeItem: (key) => placeOf(key).removeItem(key),
  clear() {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith('graphiql:')) {
        sessionStorage.removeItem(key);
      }
    }
  },
};
