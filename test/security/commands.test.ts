import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { join, resolve } from "node:path";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { jsonReport, textReport } from "../../src/cli/check/check-report.ts";
import { createProbe } from "../../src/cli/check/probe.ts";
import { runCheck } from "../../src/cli/check/run-check.ts";
import { follow } from "../../src/cli/follow/follow.ts";
import { serveMock } from "../../src/cli/mock/serve-mock.ts";
import { fetchUntrusted } from "../../src/cli/untrusted-server.ts";
import { Terminal } from "../client/terminal.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts a hostile server. Resolves to its origin. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

const EVIL = "\u001B[2J\u001B]0;title\u0007\u009B31m\u202Etxt";
const READY = JSON.stringify({ id: "1", status: "Ready" });

describe("afoot follow and a hostile server", () => {
  it("sends no header to another host to which the server redirects", async () => {
    const stolen: (string | undefined)[] = [];
    const thief = await serve((request, response) => {
      stolen.push(String(request.headers["x-api-key"]));
      response.end(READY);
    });
    const api = await serve((request, response) => {
      const location = { "/moved": "/api", "/stolen": `${thief}/api`, "/loop": "/loop", "/file": "file:///etc/passwd" };
      const target = Object.entries(location).find(([path]) => path === request.url)?.[1];
      if (target === undefined) response.end(request.headers["x-api-key"] === "secret" ? READY : "");
      else response.writeHead(307, { location: target }).end();
    });
    const run = async (path: string): Promise<{ code: number; text: string }> => {
      const terminal = new Terminal();
      const code = await follow([api + path, "--header", "X-Api-Key: secret"], terminal);
      return { code, text: terminal.stdout.text + terminal.stderr.text };
    };
    assert.deepEqual(await run("/moved"), { code: 0, text: "Ready\n" }, "a redirect within the server is followed");
    for (const path of ["/stolen", "/loop", "/file"]) {
      const { code, text } = await run(path);
      assert.equal(code, 3, path);
      assert.match(text, /redirects to .*, which would get the headers of the request/, path);
    }
    assert.deepEqual(stolen, []);
  });

  it("reads no more than a limit of a body without an end, or of one that grows by its decompression", async () => {
    const bomb = gzipSync(Buffer.alloc(40_000_000, " "));
    const api = await serve((request, response) => {
      if (request.url === "/bomb") {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(bomb);
        return;
      }
      const chunk = Buffer.alloc(1_000_000, " ");
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", write);
      write();
    });
    const message = "the response has more than 32 MiB";
    const read = fetchUntrusted(new Request(`${api}/bomb`)).then((response) => response.text());
    await assert.rejects(read, { message });
    const { status, text } = await createProbe(new Headers())("GET", `${api}/endless`);
    assert.deepEqual([status, text], [0, message]);
  });
});

describe("afoot check and a hostile server", () => {
  it("prints no control character of the server, and stays at its origin", async () => {
    const foreign: string[] = [];
    const thief = await serve((request, response) => {
      foreign.push(String(request.url));
      response.end();
    });
    const api = await serve((_, response) => {
      const headers = { "content-type": "application/problem+json", location: `${thief}/1`, etag: "\u0080\u009B31m" };
      response.writeHead(418, headers).end(JSON.stringify({ title: EVIL, detail: EVIL, status: 1, code: EVIL }));
    });
    const options = {
      url: `${api}/things`,
      create: { body: {} },
      headers: new Headers(),
      timeoutMs: 1000,
      keep: false,
    };
    const report = await runCheck({ ...options, json: false });
    const text = textReport(report);
    assert.match(text, /returned 418/);
    assert.doesNotMatch(text.replaceAll("\n", ""), /\p{C}/u);
    assert.doesNotMatch(jsonReport(report).replaceAll("\n", ""), /\p{Cc}/u);
    assert.deepEqual(foreign, []);
  });
});

const GET = {
  description: "One.",
  content: { "application/json": { examples: { a: { value: { status: "Ready" } } } } },
};

/** An OpenAPI document of one resource. */
function documentOf(schema: object, more: object = {}): object {
  const accepted = { description: "Accepted.", content: { "application/json": { schema: { type: "object" } } } };
  const requestBody = { content: { "application/json": { schema } } };
  const parameters = [{ name: "id", in: "path", required: true, schema: { type: "string" } }];
  return {
    openapi: "3.1.0",
    info: { title: "Things", version: "1" },
    paths: {
      "/things": { post: { requestBody, responses: { 202: accepted } } },
      "/things/{id}": { get: { parameters, responses: { 200: GET } } },
    },
    ...more,
  };
}

describe("afoot mock and a hostile document", () => {
  it("ends with the reason, within its memory", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "openapi.yaml");
    const aliases = Array.from({ length: 40 }, (_, index) => `x-${index + 1}: &a${index + 1} [*a${index}, *a${index}]`);
    const bomb = [
      "x-0: &a0 [1]",
      ...aliases,
      JSON.stringify(documentOf({}))
        .slice(1, -1)
        .replaceAll(/("\w+"):/g, "$1: "),
    ];
    const loop = {
      components: { schemas: { a: { $ref: "#/components/schemas/b" }, b: { $ref: "#/components/schemas/a" } } },
    };
    const hostile: readonly (readonly [document: string, reason: RegExp])[] = [
      [`{${bomb.map((line) => line.replace(/^x-(\d+): /, '"x-$1": ')).join(",\n")}}`, /has more than 1000000 values/],
      [JSON.stringify(documentOf({ $ref: "#/components/schemas/a" }, loop)), /leads back to itself/],
      [JSON.stringify(documentOf({ $ref: "http://127.0.0.1:9/schema.json" })), /Unable to resolve \$ref/],
      ["[".repeat(100_000), /./],
    ];
    for (const [document, reason] of hostile) {
      await writeFile(file, document);
      const serving = serveMock({ file, port: 0, host: "127.0.0.1", stateMs: 10 });
      await assert.rejects(
        serving,
        (error) => error instanceof Error && error.name === "UnservableError" && reason.test(error.message),
      );
    }
  });

  it("prints none of its control characters", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "openapi.json");
    await writeFile(file, JSON.stringify(documentOf({}, { paths: { [`/${EVIL}`]: { post: EVIL } } })));
    const main = resolve(import.meta.dirname, "../../src/cli/main.ts");
    const run = execFile(process.execPath, ["--conditions=@afoot/source", main, "mock", file]);
    let text = "";
    run.stdout?.on("data", (part: string) => (text += part));
    run.stderr?.on("data", (part: string) => (text += part));
    await once(run, "close");
    assert.match(text, /cannot serve/);
    assert.doesNotMatch(text.replaceAll("\n", ""), /\p{C}/u);
  });
});
