import type { FastifyInstance, FastifyReply } from "fastify";
import { silentLog } from "../core/log.ts";
import type { HttpResponse } from "../server/http/exchange.ts";
import type { ServerOptions } from "../server/options.ts";
import { problemResponse, Refusal } from "../server/problems.ts";

/** Shows the pages beside the API to those alone whom the API itself would answer. */
export function guardPages(pages: FastifyInstance, { authenticate, challenge }: ServerOptions): void {
  if (authenticate === undefined) return;
  pages.addHook("onRequest", async (request, reply) => {
    const { method, url } = request;
    const [path = ""] = url.split("?");
    if ((await authenticate({ method, path, headers: headersOf(request.headers) })) !== null) return undefined;
    const refusal = new Refusal(
      "unauthenticated",
      "This needs credentials, and the request carries none that are valid.",
      {
        headers: ["WWW-Authenticate", challenge],
      },
    );
    return passedOn(problemResponse(refusal, path, silentLog), reply);
  });
}

function headersOf(sent: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(sent)) {
    for (const each of [value ?? []].flat()) headers.append(name, each);
  }
  return headers;
}

function passedOn({ status, headers, body }: HttpResponse, reply: FastifyReply): FastifyReply {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    void reply.header(headers[index] ?? "", headers[index + 1]);
  }
  return reply.code(status).send(body);
}
