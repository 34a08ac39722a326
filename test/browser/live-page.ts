import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import type { Page, Request } from "playwright-core";
import { type Client, createClient } from "../../src/client/index.ts";
import { type Live, type LiveApp, startLive } from "../client/live-app.ts";
import { openChromium } from "../support/chromium.ts";
import { bundled } from "./bundle.ts";

/** A page in a real browser, served from the origin of a real server. */
export interface LivePage extends AsyncDisposable {
  readonly live: Live;
  readonly api: Client<LiveApp>;
  readonly page: Page;
  /** The GETs that the page sent, and the ones that have not ended. */
  readonly gets: readonly Request[];
  readonly underWay: ReadonlySet<Request>;
  /** Errors and warnings of the page. */
  readonly faults: readonly string[];
}

/** @param module the page's script, as a module */
export async function openLivePage(module: string): Promise<LivePage> {
  const script = await bundled(module);
  const live = await startLive(({ url }, response) => respond(url, response, script));
  const browser = await openChromium();
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    // Some tests stop the server, so its connection errors are expected.
    const isFault = message.type() === "error" && !message.text().startsWith("Failed to load resource");
    if (isFault) faults.push(message.text());
  });
  const seen = watched(page);
  await page.goto(new URL("/", live.url).href);
  return {
    live,
    api: createClient<LiveApp>(live.url),
    page,
    ...seen,
    faults,
    async [Symbol.asyncDispose]() {
      await browser.close();
      await live[Symbol.asyncDispose]();
      assert.deepEqual(faults, []);
    },
  };
}

function watched(page: Page): Pick<LivePage, "gets" | "underWay"> {
  const gets: Request[] = [];
  const underWay = new Set<Request>();
  page.on("request", (request) => {
    if (request.method() !== "GET" || !request.url().includes("/api/")) return;
    gets.push(request);
    underWay.add(request);
  });
  page.on("requestfinished", (request) => underWay.delete(request));
  page.on("requestfailed", (request) => underWay.delete(request));
  return { gets, underWay };
}

function respond(url: string | undefined, response: ServerResponse, script: string): void {
  const [type, body] =
    url === "/page.js"
      ? ["text/javascript", script]
      : [
          "text/html",
          '<!doctype html><html lang="en"><link rel="icon" href="data:,"><body><script src="/page.js"></script>',
        ];
  response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(body);
}
