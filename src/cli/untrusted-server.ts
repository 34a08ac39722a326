import { AfootError } from "../core/errors.ts";

/** Maximum size of a response after its decompression. A server could send one without an end, or a small one that grows. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_REDIRECTS = 10;

/**
 * Sends a request to a server that the user has named, and that may be hostile. Limits the response, and follows
 * redirects to the same host only: `fetch` would send headers such as `X-Api-Key` to any other.
 *
 * @throws AfootError `redirected`
 */
export async function fetchUntrusted(request: Request): Promise<Response> {
  let url = new URL(request.url);
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(new Request(url.href, request), { redirect: "manual" });
    const location = response.headers.get("location");
    const isRedirect = location !== null && [301, 302, 303, 307, 308].includes(response.status);
    if (!isRedirect || !["GET", "HEAD"].includes(request.method)) return withLimit(response);
    await response.body?.cancel();
    const next = URL.parse(location, url.href);
    if (next === null || !isSameHost(url, next) || redirects >= MAX_REDIRECTS) {
      throw new AfootError(
        "redirected",
        `${url.origin} redirects to ${next?.origin ?? location}, which would get the headers of the request; if you trust it, pass its URL: ${next?.href ?? location}`,
      );
    }
    url = next;
  }
}

/** True for the same origin, and for the same host with https in place of http. */
function isSameHost(from: URL, to: URL): boolean {
  const isUpgrade = from.protocol === "http:" && to.protocol === "https:" && from.port === "" && to.port === "";
  return to.origin === from.origin || (isUpgrade && to.hostname === from.hostname);
}

/** Returns a response whose body fails beyond the limit. */
export function withLimit(response: Response): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  let size = 0;
  const limited = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.length;
        if (size <= MAX_BODY_BYTES) controller.enqueue(chunk);
        else controller.error(new Error(`the response has more than ${MAX_BODY_BYTES / 1024 / 1024} MiB`));
      },
    }),
  );
  return new Response(limited, { status, statusText, headers });
}
