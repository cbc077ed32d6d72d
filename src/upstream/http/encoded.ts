/** Addresses made of what others have said. */

/** A segment of a path or a value of a query; halves of characters, which cannot be encoded, become the mark for that. */
export function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
