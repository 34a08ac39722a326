import { hash } from "node:crypto";
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import { isJsonObject } from "../../core/json/json.ts";
import { pageHeaders } from "../http/page-headers.ts";
import type { OpenApiDocument } from "./open-api.ts";

export interface DocsOptions {
  readonly document: OpenApiDocument;
}

const DOCUMENT_PATH = "/openapi.json";
const PAGE_PATH = "/docs";

/**
 * Serves an OpenAPI document under `/openapi.json` and an interactive reference generated from it under `/docs`. The page's content security
 * policy forbids requests to other hosts.
 */
export async function docsRoutes(fastify: FastifyInstance, { document }: DocsOptions): Promise<void> {
  serveDocument(fastify, document);
  // Registered in a scope of its own, so that the hook applies to the page only.
  await fastify.register(async (page) => servePage(page, document));
}

function serveDocument(fastify: FastifyInstance, document: OpenApiDocument): void {
  const text = JSON.stringify(document);
  const etag = `"${hash("sha256", text, "base64url").slice(0, 22)}"`;
  fastify.get(DOCUMENT_PATH, async (request, reply) => {
    void reply.headers({ etag, "cache-control": "no-cache", "x-content-type-options": "nosniff" });
    if (isNotModified(request, etag)) return reply.code(304).send();
    return reply.type("application/json").send(text);
  });
}

function isNotModified({ headers }: FastifyRequest, etag: string): boolean {
  const tags = headers["if-none-match"]?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(etag) || tags.includes("*");
}

/** Turns off everything that the reference would load from other hosts, and its vendor's services. */
const PRIVACY_SETTINGS = {
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: "never",
} as const;

/** The reference's own colours, darkened where their contrast is too low. */
const CONTRAST_CSS = `.light-mode {
  --scalar-color-2: #4a4a4a;
  --scalar-color-3: #5f5f5f;
  --scalar-sidebar-search-color: #5f5f5f;
  --scalar-color-green: #00683f;
  --scalar-color-red: #b3001b;
  --scalar-color-yellow: #7a5b00;
  --scalar-color-blue: #005a9c;
  --scalar-color-orange: #9c3a00;
  --scalar-color-purple: #5b2ca0;
}`;

async function servePage(page: FastifyInstance, document: OpenApiDocument): Promise<void> {
  const connect = (document.servers ?? []).flatMap(({ url }) => URL.parse(url)?.origin ?? []);
  page.addHook("onSend", async (_request, reply, body) => {
    const html = isHtml(reply) && typeof body === "string" ? body : "";
    // The redirect that adds the slash is relative, because a proxy may serve the page under a prefix.
    if (reply.hasHeader("location")) void reply.header("location", `${PAGE_PATH.slice(1)}/`);
    void reply.headers(pageHeaders({ html, apiOrigins: connect, inlineStyles: true }));
    if (html === "") return body;
    return html.replace("<html>", '<html lang="en">').replace("</title>", '</title><link rel="icon" href="data:," />');
  });
  await page.register(await loadReference(), {
    routePrefix: PAGE_PATH,
    configuration: {
      url: `..${DOCUMENT_PATH}`,
      pageTitle: document.info.title,
      customCss: CONTRAST_CSS,
      ...PRIVACY_SETTINGS,
    },
  });
}

interface ReferenceOptions {
  readonly routePrefix: string;
  readonly configuration: object;
}

/** Loads the reference without its declarations, which need browser types, and checks that it is a plugin. */
async function loadReference(): Promise<FastifyPluginCallback<ReferenceOptions>> {
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- the assertion keeps the compiler from loading its declarations
  const loaded: unknown = await import("@scalar/fastify-api-reference" as string);
  const plugin = isJsonObject(loaded) ? loaded["default"] : undefined;
  if (isPlugin(plugin)) return plugin;
  throw new TypeError("@scalar/fastify-api-reference has no plugin as default export; check its major version");
}

function isPlugin(value: unknown): value is FastifyPluginCallback<ReferenceOptions> {
  return typeof value === "function";
}

function isHtml(reply: FastifyReply): boolean {
  return String(reply.getHeader("content-type")).startsWith("text/html");
}
