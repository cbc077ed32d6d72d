/** Bodies of requests, as far as they may go. */

import type { IncomingMessage } from 'node:http';

/**
 * Reads a request's body.
 *
 * @param onBody - gets the whole of it, or null as soon as it is larger than it may be; nothing when the client
 *   leaves before its end
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  onBody: (body: Buffer | null) => void,
): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    onBody(null);
    return;
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  const onData = (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > maxBytes) {
      request.off('data', onData);
      request.off('end', onEnd);
      request.pause();
      onBody(null);
    } else {
      pieces.push(piece);
    }
  };
  const onEnd = () => onBody(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces));
  request.on('data', onData);
  request.on('end', onEnd);
}
