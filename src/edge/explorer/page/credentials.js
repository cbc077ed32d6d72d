/** Who asks: entered once, sent with every request of this tab, and gone with it. */

import { element } from './element.js';
import { settings } from './settings.js';

/** @typedef {import('./settings.js').Headers} Headers */

const key = 'stratograph:credentials';

const fields = [
  {
    header: 'Authorization',
    label: 'Waldur',
    hint: 'Token … or Bearer …; a token alone will do',
    isSecret: true,
  },
  { header: 'X-Danube-Api-Key', label: 'Danube Cloud', hint: 'an API key', isSecret: true },
  {
    header: 'X-Impersonated-User-Uuid',
    label: 'Act as',
    hint: "a Waldur user's uuid, for staff",
    isSecret: false,
  },
];

/** @returns {Headers} */
function stored() {
  const kept = sessionStorage.getItem(key);
  return kept === null ? settings.headers : JSON.parse(kept);
}

/** Tokens are pasted with and without their scheme. @param {string} header @param {string} value */
function completed(header, value) {
  const isBareToken = header === 'Authorization' && value !== '' && !/\s/.test(value);
  return isBareToken ? `Token ${value}` : value;
}

/**
 * @param {() => void} onChange
 * @returns {{ headers: () => Headers, openForm: () => void }}
 */
export function openCredentials(onChange) {
  let headers = stored();

  /** @param {Headers} chosen */
  const become = (chosen) => {
    headers = chosen;
    sessionStorage.setItem(key, JSON.stringify(chosen));
    onChange();
  };

  const inputs = fields.map(({ header, label, hint, isSecret }) => {
    const input = /** @type {HTMLInputElement} */ (
      element('input', {
        id: `credential-${header}`,
        type: isSecret ? 'password' : 'text',
        autocomplete: 'off',
        spellcheck: 'false',
        placeholder: hint,
      })
    );
    return { header, label, input };
  });

  /** @param {Headers} shown */
  const show = (shown) => {
    for (const { header, input } of inputs) {
      input.value = shown[header] ?? '';
    }
  };

  const close = () => dialog.close();
  const form = element(
    'form',
    {
      submit: (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const given = inputs.map(({ header, input }) => [
          header,
          completed(header, input.value.trim()),
        ]);
        become(Object.fromEntries(given.filter(([, value]) => value !== '')));
        close();
      },
    },
    element('h2', {}, 'Credentials'),
    element(
      'p',
      {},
      'Each goes to its own cloud and nowhere else. They stay in this tab and end with it.',
    ),
    ...(settings.callers.length === 0
      ? []
      : [
          element(
            'p.callers',
            {},
            'The sandbox knows ',
            ...settings.callers.map(({ name, headers: theirs }) =>
              element('button', { type: 'button', click: () => show(theirs) }, name),
            ),
          ),
        ]),
    ...inputs.flatMap(({ label, input }) => [element('label', { for: input.id }, label), input]),
    element(
      'p.actions',
      {},
      element('button', { type: 'button', click: () => show({}) }, 'Empty'),
      element('button', { type: 'button', click: close }, 'Cancel'),
      element('button.main', { type: 'submit' }, 'Use these'),
    ),
  );
  const dialog = /** @type {HTMLDialogElement} */ (
    element('dialog.credentials', { 'aria-label': 'Credentials' }, form)
  );
  document.body.append(dialog);

  return {
    headers: () => headers,
    openForm: () => {
      show(headers);
      dialog.showModal();
    },
  };
}
