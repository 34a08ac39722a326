import { hash } from "node:crypto";
import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import { JSON_TYPE } from "../http/headers.ts";
import { pageHeaders } from "../http/page-headers.ts";
import { SECURITY_HEADERS } from "../http/problems.ts";
import type { OpenApiDocument } from "../openapi/open-api.ts";
import { loadReference, type Reference } from "./docs-reference.ts";
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
  let reference: Promise<Reference | undefined> | undefined;
  const documentOnce = (): OpenApiDocument => (document ??= createDocument());
  const respondWithPage: Page["respond"] = async (request, path) => {
    reference ??= loadReference(documentOnce().info.title);
    return respondWithReference(await reference, request, path, documentOnce());
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

const NOT_BUILT: HttpResponse = {
  status: 503,
  headers: ["content-type", "text/plain", ...SECURITY_HEADERS],
  body: "The reference is not built. Build it with: npm run build\n",
};

/** Responds with the page, a redirect to it from its address without a slash, or its script. */
async function respondWithReference(
  reference: Reference | undefined,
  request: HttpRequest,
  path: string,
  document: OpenApiDocument,
): Promise<HttpResponse | undefined> {
  if (reference === undefined) return NOT_BUILT;
  const apiOrigins = (document.servers ?? []).flatMap(({ url }) => URL.parse(url)?.origin ?? []);
  switch (path) {
    case PAGE_PATH:
      // Relative, because the page may be mounted under a prefix.
      return { status: 301, headers: ["location", `${PAGE_PATH.slice(1)}/`, ...headerList(pageHeaders())] };
    case `${PAGE_PATH}/`: {
      const { html } = reference;
      const headers = headerList(pageHeaders({ html, apiOrigins, inlineStyles: true }));
      return { status: 200, headers: ["content-type", "text/html; charset=utf-8", ...headers], body: html };
    }
    case `${PAGE_PATH}/js/scalar.js`:
      return respondWithScript(reference, request);
    default:
      return undefined;
  }
}

async function respondWithScript({ script }: Reference, request: HttpRequest): Promise<HttpResponse> {
  const { etag } = script;
  const caching = ["etag", etag, "cache-control", "no-cache, no-transform", "vary", "accept-encoding"];
  const headers = [...caching, ...headerList(pageHeaders())];
  if (isNotModified(request, etag)) return { status: 304, headers };
  const { encoding, body } = await script.encodedFor(request.header("accept-encoding") ?? "");
  const encoded = encoding === undefined ? [] : ["content-encoding", encoding];
  return { status: 200, headers: [...headers, "content-type", "text/javascript; charset=utf-8", ...encoded], body };
}
