import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { openChromium } from "../support/chromium.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const APP = join(import.meta.dirname, "app.ts");

export interface FixtureOptions {
  /** Factor for the durations of simulated work. @default "0.01" */
  readonly pace?: string;
  /** Requires authentication; each bearer token is a principal. @default false */
  readonly isGuarded?: boolean;
  /** Called with the path of the store's file before the server opens it. */
  readonly prepare?: (file: string) => Promise<void>;
}

/** A real `afoot start` process with the dashboard, and a browser. */
export interface Fixture extends AsyncDisposable {
  readonly origin: string;
  readonly browser: Browser;
  /** Opens a path of the dashboard in a new tab. Console errors and requests to other hosts fail the test. */
  readonly open: (path?: string, options?: OpenOptions) => Promise<Page>;
  /** Sends a request to the API. */
  readonly request: (method: string, path: string, body?: unknown, token?: string) => Promise<JsonResponse>;
  /** Restarts the server gracefully on the same store, on another port. */
  readonly restart: () => Promise<void>;
}

export interface OpenOptions {
  readonly isDark?: boolean;
  readonly width?: number;
  readonly height?: number;
}

export interface JsonResponse {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

export async function openFixture({
  pace = "0.01",
  isGuarded = false,
  prepare,
}: FixtureOptions = {}): Promise<Fixture> {
  await checkBuilt();
  const folder = await temporaryFolder();
  const environment = { AFOOT_DEMO_PACE: pace, ...(isGuarded ? { AFOOT_TEST_TOKENS: "true" } : {}) };
  const start = (): Promise<AfootProcess> => startAfoot({ app: APP, folder: folder.path, environment });
  await prepare?.(join(folder.path, "afoot.db"));
  let server = await start();
  const browser = await openChromium();
  const problems: string[] = [];
  return {
    get origin() {
      return server.origin;
    },
    browser,
    open: async (path = "", { isDark = false, width = 1280, height = 800 } = {}) => {
      const page = await browser.newPage({
        viewport: { width, height },
        colorScheme: isDark ? "dark" : "light",
        locale: "en",
      });
      watch(page, problems);
      await page.goto(`${server.origin}/dashboard${path}`);
      return page;
    },
    request: (method, path, body, token) => sendRequest(`${server.origin}${path}`, method, body, token),
    async restart() {
      await server.stop();
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
      assert.deepEqual(problems, []);
    },
  };
}

/** Collects uncaught errors, console errors (including policy violations) and requests to other hosts. */
function watch(page: Page, problems: string[]): void {
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    // Some tests expect rejected requests.
    const isProblem = message.type() === "error" && !message.text().startsWith("Failed to load resource");
    if (isProblem) problems.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(?:http:\/\/127\.0\.0\.1:\d+\/|data:|blob:)/.test(request.url())) problems.push(request.url());
  });
}

async function sendRequest(url: string, method: string, body: unknown, token?: string): Promise<JsonResponse> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = (text === "" ? {} : JSON.parse(text)) as JsonResponse["json"];
  return { status: response.status, json, headers: response.headers };
}

/** Throws if the built page is older than its sources. */
async function checkBuilt(): Promise<void> {
  const built = await stat(join(ROOT, "dist/dashboard/index.html")).catch(() => undefined);
  const sources = await readdir(join(ROOT, "src/dashboard"), { recursive: true, withFileTypes: true });
  const changed = await Promise.all(
    sources
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).mtimeMs),
  );
  if (built === undefined || built.mtimeMs < Math.max(...changed)) {
    throw new Error("dist/dashboard is older than its sources; build it: npm run build");
  }
}
