/** What the gateway has written into the page. */

/** @typedef {Readonly<Record<string, string>>} Headers */

/**
 * @typedef {object} Settings - as `PageSettings` in ../page.ts
 * @property {Headers} headers - credentials that are filled in
 * @property {readonly { readonly name: string, readonly headers: Headers }[]} callers
 * @property {readonly { readonly query: string, readonly variables?: string }[]} examples
 * @property {boolean} explains
 */

/** @type {Settings} */
export const settings = JSON.parse(document.getElementById('settings')?.textContent ?? '{}');
