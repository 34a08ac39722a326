import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseObject } from "../../../support/json.ts";

/** A response as the API of Kubernetes 1.31 gives it, in the file of this name. */
export type Recording = "created" | "running" | "complete" | "failed" | "already-exists" | "not-found" | "deleted";

export interface RecordedRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

/** Gives the responses for `jobs` of `batch/v1`. The test decides how far each Job is. */
export interface ApiServer {
  readonly requests: readonly RecordedRequest[];
  /** The Jobs that exist, by name. */
  readonly jobs: Map<string, Recording>;
  /** Executes the next request without a response, as if the connection was lost. */
  loseNextResponse: boolean;
  readonly listen: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function createApiServer(port: number): ApiServer {
  const requests: RecordedRequest[] = [];
  const jobs = new Map<string, Recording>();
  const server = createServer((incoming, response) => void handle(incoming, response));
  const api: ApiServer = {
    requests,
    jobs,
    loseNextResponse: false,
    async listen() {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(incoming);
    const { method = "", headers } = incoming;
    const url = new URL(incoming.url ?? "", "http://localhost");
    const request = { method, url, authorization: headers.authorization, body: body === "" ? {} : parseObject(body) };
    requests.push(request);
    const [status, name, recording] = respond(request);
    if (api.loseNextResponse) {
      api.loseNextResponse = false;
      return;
    }
    const file = readFileSync(join(import.meta.dirname, `${recording}.json`), "utf8");
    response.writeHead(status, { "Content-Type": "application/json" }).end(file.replaceAll("import-NAME", name));
  }

  function respond({ method, url, body }: RecordedRequest): readonly [status: number, name: string, Recording] {
    if (method === "POST") {
      const { name } = body["metadata"] as { name: string };
      if (jobs.has(name)) return [409, name, "already-exists"];
      jobs.set(name, "created");
      return [201, name, "created"];
    }
    const name = url.pathname.split("/").at(-1) ?? "";
    const recording = jobs.get(name);
    if (recording === undefined) return [404, name, "not-found"];
    if (method === "GET") return [200, name, recording];
    jobs.delete(name);
    return [200, name, "deleted"];
  }
  return api;
}
