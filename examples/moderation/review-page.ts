import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";

/** Restricts the page to its own script and this server. */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** Serves `/review`, a page that lists content waiting for a review. */
export async function reviewPage(fastify: FastifyInstance): Promise<void> {
  for (const [path, file, type] of [
    ["/review", "review.html", "text/html; charset=utf-8"],
    ["/review.css", "review.css", "text/css; charset=utf-8"],
    ["/review.mjs", "review.mjs", "text/javascript; charset=utf-8"],
  ] as const) {
    const content = await readFile(new URL(`page/${file}`, import.meta.url));
    fastify.get(path, async (_request, reply) => reply.headers(HEADERS).type(type).send(content));
  }
}
