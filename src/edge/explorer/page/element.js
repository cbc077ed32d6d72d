/** Elements without markup: what comes from clouds is text, always. */

/**
 * @param {string} tag - with classes, such as `button.quiet`
 * @param {Readonly<Record<string, unknown>>} [properties] - functions are listeners, `on` left out of their
 *   names' front; undefined and false are left out
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const [name = '', ...classes] = tag.split('.');
  const made = document.createElement(name);
  made.classList.add(...classes);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === 'function') {
      made.addEventListener(key, /** @type {EventListener} */ (value));
    } else if (value !== undefined && value !== false) {
      made.setAttribute(key, value === true ? '' : String(value));
    }
  }
  made.append(...children);
  return made;
}
