import type { HttpRequest, HttpResponse } from "../http/exchange.ts";

/** A page beside the API, or a file of one. */
export interface Page {
  /** Path without the prefix of the mount, such as `/docs`. A path that ends with `/*` includes all paths below it. */
  readonly path: string;
  /**
   * The principals that may see it: all, those that may use the API, or those that `authorize` allows the type
   * `metrics`.
   */
  readonly access: "public" | "docs" | "metrics";
  /**
   * Responds to GET and HEAD. Returns undefined if nothing is at the path.
   *
   * @param path that of the request, without the prefix of the mount
   */
  readonly respond: (request: HttpRequest, path: string) => Promise<HttpResponse | undefined> | HttpResponse;
}

/** Converts a record of headers to alternating names and values. */
export function headerList(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).flat();
}

/** Returns true if the client has the current version of a file. */
export function isNotModified(request: HttpRequest, etag: string): boolean {
  const tags = (request.header("if-none-match") ?? "").split(",");
  return tags.some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
}
