/** An upstream's answer, whatever its status. */

export class HttpAnswer {
  readonly status: number;
  /** Lower-case names; a list of values for those that were repeated. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it came; empty for HEAD. */
  readonly body: Buffer;
  #text: string | undefined;

  constructor(status: number, headers: HttpAnswer['headers'], body: Buffer) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /** The body as UTF-8, without the mark that some begin it with. */
  get text(): string {
    this.#text ??= textOf(this.body);
    return this.#text;
  }
}

function textOf(body: Buffer): string {
  const text = body.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
