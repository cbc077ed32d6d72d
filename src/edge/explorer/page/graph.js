/** Asking the graph, as GraphiQL wants it done: answers, and events as they come. */

/**
 * @typedef {object} Answer
 * @property {unknown} [data]
 * @property {readonly { readonly message: string, readonly path?: readonly unknown[], readonly extensions?: { readonly code?: string, readonly upstream?: string } }[]} [errors]
 * @property {Record<string, unknown>} [extensions]
 */

/** @typedef {{ readonly query: string, readonly operationName?: string | null, readonly variables?: unknown }} Asked */

/**
 * Whoever wants to know how asking goes.
 *
 * @typedef {object} Onlooker
 * @property {(asked: Asked) => void} onAsked
 * @property {(answer: Answer, ms: number) => void} onAnswer - milliseconds from asking to the whole answer
 * @property {(event: Answer, ms: number) => void} onEvent - milliseconds from asking to this event
 * @property {(ms: number) => void} onEnd - no further event will come
 */

/**
 * With a name that is the document's: for a moment after a change of tabs, GraphiQL still has the other's.
 *
 * @param {Asked} asked
 * @returns {Asked}
 */
function named(asked) {
  const found = asked.query.matchAll(/^\s*(?:query|mutation|subscription)\s+(\w+)/gm);
  const [first, ...others] = [...found].map(([, name]) => name ?? '');
  const isKnown = [first, ...others].includes(asked.operationName ?? '');
  return first === undefined || isKnown ? asked : { ...asked, operationName: first };
}

const accept = 'application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.8';

/**
 * The answers in a stream of server-sent events.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @returns {AsyncGenerator<Answer, void>}
 */
async function* eventsIn(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    text += decoder.decode(value, { stream: true });
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: ?(.+)$/m.exec(block)?.[1];
      if (/^event: ?next$/m.test(block) && data !== undefined) {
        yield JSON.parse(data);
      }
    }
  }
}

/** @param {Response} response @returns {Promise<Answer>} */
async function answerIn(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, for one.
    return { errors: [{ message: `${response.status} ${response.statusText}: ${text}` }] };
  }
}

/**
 * @param {string} url
 * @param {() => Readonly<Record<string, string>>} headersNow - of every request, a tab's own on top
 * @param {boolean} explains - whether to ask how answers came about
 */
export function openGraph(url, headersNow, explains) {
  const explained = explains ? { 'x-explain': '1' } : undefined;

  /**
   * @param {Asked} asked
   * @param {Readonly<Record<string, string>>} headers
   * @param {AbortSignal} [signal]
   */
  const send = (asked, headers, signal) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...headersNow(), ...headers },
      body: JSON.stringify(asked),
      // Another site's cookies are nobody's credentials here.
      credentials: 'omit',
      ...(signal && { signal }),
    });

  return {
    /** One answer. @param {string} query */
    ask: async (query) => answerIn(await send({ query }, {})),

    /**
     * GraphiQL's fetcher.
     *
     * @param {Onlooker} onlooker - hears of everything but GraphiQL's own questions about the schema
     */
    fetcher:
      (onlooker) =>
      async (
        /** @type {Asked} */ given,
        /** @type {{ readonly headers?: Readonly<Record<string, string>> }} */ {
          headers = {},
        } = {},
      ) => {
        const asked = named(given);
        if (asked.operationName === 'IntrospectionQuery') {
          return answerIn(await send(asked, headers));
        }
        const started = performance.now();
        const elapsed = () => performance.now() - started;
        const leaving = new AbortController();
        onlooker.onAsked(asked);
        const response = await send(asked, { ...explained, ...headers }, leaving.signal);
        if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
          const answer = await answerIn(response);
          onlooker.onAnswer(answer, elapsed());
          return answer;
        }
        const events = eventsIn(
          /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body),
        );
        const ended = () => {
          onlooker.onEnd(elapsed());
          return { done: /** @type {const} */ (true), value: undefined };
        };
        return {
          [Symbol.asyncIterator]() {
            return this;
          },
          async next() {
            const next = await events.next().catch((error) => {
              if (!leaving.signal.aborted) {
                throw error;
              }
              return ended();
            });
            if (next.done) {
              return ended();
            }
            onlooker.onEvent(next.value, elapsed());
            return next;
          },
          // A generator would first wait for the event that may never come.
          async return() {
            leaving.abort();
            return ended();
          },
        };
      },
  };
}
