import { hash } from "node:crypto";
import type { FastifyPluginCallback } from "fastify";
import { isJsonObject } from "../../core/json/json.ts";
import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import { JSON_TYPE } from "../http/headers.ts";
import { pageHeaders } from "../http/page-headers.ts";
import { SECURITY_HEADERS } from "../http/problems.ts";
import type { OpenApiDocument } from "../openapi/open-api.ts";
import { headerList, isNotModified, type Page } from "./page.ts";

const DOCUMENT_PATH = "/openapi.json";
const PAGE_PATH = "/docs";

/**
 * Creates `/openapi.json`, and `/docs` with an interactive reference generated from it. The content security policy of
 * the reference forbids requests to other hosts. The document is created at the first request.
 */
export function docsPages(createDocument: () => OpenApiDocument): readonly Page[] {
  let document: OpenApiDocument | undefined;
  let documentResponse: ((request: HttpRequest) => HttpResponse) | undefined;
  let reference: Promise<ReadonlyMap<string, HttpResponse>> | undefined;
  const documentOnce = (): OpenApiDocument => (document ??= createDocument());
  const respondWithPage: Page["respond"] = async (_, path) => {
    reference ??= renderReference(documentOnce());
    return (await reference).get(path);
  };
  return [
    {
      path: DOCUMENT_PATH,
      access: "docs",
      respond: (request) => (documentResponse ??= respondWithDocument(documentOnce()))(request),
    },
    { path: PAGE_PATH, access: "docs", respond: respondWithPage },
    { path: `${PAGE_PATH}/*`, access: "docs", respond: respondWithPage },
  ];
}

function respondWithDocument(document: OpenApiDocument): (request: HttpRequest) => HttpResponse {
  const body = JSON.stringify(document);
  const etag = `"${hash("sha256", body, "base64url").slice(0, 22)}"`;
  const headers = ["etag", etag, "cache-control", "no-cache", ...SECURITY_HEADERS];
  return (request) =>
    isNotModified(request, etag)
      ? { status: 304, headers }
      : { status: 200, headers: [...headers, "content-type", JSON_TYPE], body };
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

/** Paths of the reference: the page, which its address without a slash redirects to, and its script. */
const FILES = [PAGE_PATH, `${PAGE_PATH}/`, `${PAGE_PATH}/js/scalar.js`];

/** Renders the files of the reference with its Fastify plugin, the only form in which it serves its own script. */
async function renderReference(document: OpenApiDocument): Promise<ReadonlyMap<string, HttpResponse>> {
  const { default: fastify } = await import("fastify");
  const renderer = fastify();
  await renderer.register(await loadReference(), {
    routePrefix: PAGE_PATH,
    configuration: {
      url: `..${DOCUMENT_PATH}`,
      pageTitle: document.info.title,
      customCss: CONTRAST_CSS,
      ...PRIVACY_SETTINGS,
    },
  });
  const connect = (document.servers ?? []).flatMap(({ url }) => URL.parse(url)?.origin ?? []);
  const files = new Map<string, HttpResponse>();
  for (const path of FILES) files.set(path, toResponse(await renderer.inject(path), connect));
  await renderer.close();
  return files;
}

interface RenderedFile {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function toResponse({ statusCode, headers, body }: RenderedFile, apiOrigins: readonly string[]): HttpResponse {
  const { "content-type": given } = headers;
  const type = typeof given === "string" ? given : "";
  const html = type.startsWith("text/html") ? body : "";
  return {
    status: statusCode,
    headers: [
      ...(type === "" ? [] : ["content-type", type]),
      // Relative, because the page may be mounted under a prefix.
      ...(headers["location"] === undefined ? [] : ["location", `${PAGE_PATH.slice(1)}/`]),
      ...headerList(pageHeaders({ html, apiOrigins, inlineStyles: true })),
    ],
    body:
      html === ""
        ? body || undefined
        : html.replace("<html>", '<html lang="en">').replace("</title>", '</title><link rel="icon" href="data:," />'),
  };
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
