import { hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import { pageHeaders } from "../http/page-headers.ts";
import { SECURITY_HEADERS } from "../http/problems.ts";
import { pathPrefixOf } from "../http/public-url.ts";
import type { ServerOptions } from "../options.ts";
import { headerList, isNotModified, type Page } from "./page.ts";

export interface DashboardPageOptions {
  /** The app; its options are read at the first request. */
  readonly app: { readonly options: Pick<ServerOptions, "basePath" | "publicUrl"> };
  /** Path prefix of the page. @default "" */
  readonly prefix?: string;
  /** Folder of the built page. @default the one in the package */
  readonly folder?: string;
}

const BUILT = fileURLToPath(
  import.meta.url.endsWith(".ts")
    ? new URL("../../../dist/dashboard", import.meta.url)
    : new URL("./dashboard", import.meta.url),
);

const PAGE_PATH = "/dashboard";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

interface File {
  readonly type: string;
  readonly etag: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly zipped: Uint8Array<ArrayBuffer>;
}

/** The files of the page, for one base path and prefix. */
interface Files {
  readonly page: File;
  readonly assets: ReadonlyMap<string, File>;
}

/**
 * Creates the pages of the dashboard. They are static and contain no stored data: the dashboard reads everything from
 * the API with the credentials of its user.
 */
export function dashboardPages({ folder = BUILT, prefix = "", app }: DashboardPageOptions): readonly Page[] {
  let loading: Promise<Files | undefined> | undefined;
  const load = async (): Promise<Files | undefined> => {
    const html = await readFile(join(folder, "index.html"), "utf8").catch(() => undefined);
    if (html === undefined) return undefined;
    const { basePath, publicUrl } = app.options;
    const page = await pageOf(html, basePath, pathPrefixOf(publicUrl), prefix);
    return { page, assets: await assetsIn(folder) };
  };
  const respond: Page["respond"] = async (request, path) => {
    loading ??= load();
    return respondWith(await loading, request, path.slice(`${PAGE_PATH}/`.length));
  };
  return [PAGE_PATH, `${PAGE_PATH}/*`].map((path) => ({ path, access: "public", respond }));
}

/** @param name the path below that of the page */
function respondWith(files: Files | undefined, request: HttpRequest, name: string): HttpResponse | undefined {
  if (files === undefined) return NOT_BUILT;
  const asset = files.assets.get(name);
  // Asset names contain a hash of the content, so they can be cached forever.
  if (asset !== undefined) return fileResponse(request, asset, IMMUTABLE);
  if (name.startsWith("assets/")) return undefined;
  return fileResponse(request, files.page, ["cache-control", REVALIDATE, ...headerList(pageHeaders())]);
}

/** `no-transform` keeps compression of the host from compressing a file again. */
const REVALIDATE = "no-cache, no-transform";
const IMMUTABLE = ["cache-control", "public, max-age=31536000, immutable, no-transform", ...SECURITY_HEADERS];

const NOT_BUILT: HttpResponse = {
  status: 503,
  headers: ["content-type", "text/plain", ...SECURITY_HEADERS],
  body: "The dashboard is not built. Build it with: npm run build\n",
};

async function assetsIn(folder: string): Promise<ReadonlyMap<string, File>> {
  const entries = await readdir(join(folder, "assets"), { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    await Promise.all(
      files.map(async (path) => {
        const type = TYPES[extname(path)] ?? "application/octet-stream";
        return [relative(folder, path).split(sep).join("/"), await fileOf(type, await readFile(path))] as const;
      }),
    ),
  );
}

/** Creates the page for the paths of this server. Its build refers to assets by relative paths, which deep links would break. */
async function pageOf(html: string, basePath: string, publicPrefix: string, prefix: string): Promise<File> {
  const path = `${publicPrefix}${prefix}${PAGE_PATH}`;
  const page = html
    .replace('name="afoot-api" content="/api"', () => `name="afoot-api" content="${publicPrefix}${basePath}"`)
    .replace('name="afoot-page" content="/dashboard"', () => `name="afoot-page" content="${path}"`)
    .replaceAll('="./', () => `="${path}/`);
  return fileOf("text/html; charset=utf-8", Buffer.from(page));
}

const zip = promisify(gzip);

async function fileOf(type: string, plain: Buffer<ArrayBuffer>): Promise<File> {
  const zipped = new Uint8Array(await zip(plain));
  return { type, etag: `"${hash("sha256", plain, "base64url").slice(0, 22)}"`, plain, zipped };
}

function fileResponse(request: HttpRequest, file: File, headers: readonly string[]): HttpResponse {
  const common = [...headers, "etag", file.etag, "vary", "accept-encoding"];
  if (isNotModified(request, file.etag)) return { status: 304, headers: common };
  const typed = [...common, "content-type", file.type];
  const acceptsGzip = (request.header("accept-encoding") ?? "").includes("gzip");
  if (!acceptsGzip) return { status: 200, headers: typed, body: file.plain };
  return { status: 200, headers: [...typed, "content-encoding", "gzip"], body: file.zipped };
}
