/** The additions of proxies: `W/`, and the suffixes of compressed replies, such as Apache's `-gzip` and Jetty's `--gzip`. */
const ADDITIONS = /^W\/|(?:[-;:+]+(?:gzip|br|zstd|deflate))+(?="$)/gi;

/**
 * Returns the strong tag that the server issued. A proxy that compresses replies makes the tag weak, or appends a
 * suffix: neither would match in `If-Match`, and the second one not even in `If-None-Match`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.1
 */
export function strongTag(tag: string): string {
  return tag.replaceAll(ADDITIONS, "");
}
