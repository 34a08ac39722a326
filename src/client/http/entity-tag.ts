/** Suffixes that proxies append to the tag of a compressed reply, such as Apache's `-gzip` and Jetty's `--gzip`. */
const CODING_SUFFIX = /(?:[-;:+]+(?:gzip|br|zstd|deflate))+"$/i;

/**
 * Returns the strong tag that the server issued. A proxy that compresses replies makes the tag weak, or appends a
 * suffix: neither would match in `If-Match`, and the second one not even in `If-None-Match`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.1
 */
export function strongTag(tag: string): string {
  return tag.replace(/^W\//i, "").replace(CODING_SUFFIX, '"');
}
