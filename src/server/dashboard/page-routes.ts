import { hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { pageHeaders } from "../http/page-headers.ts";
import { pathPrefixOf } from "../http/public-url.ts";

/** Options of {@link dashboardPage}. */
export interface PageOptions {
  /** Path of the API, such as `app.options.basePath`. */
  readonly basePath: string;
  /** URL under which clients reach the server, such as `app.options.publicUrl`. @default the paths have no prefix */
  readonly publicUrl?: string | undefined;
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
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

/**
 * Serves the dashboard's page under `/dashboard`, as a Fastify plugin registered without a prefix. The page is static and contains no
 * stored data: it reads everything from the API with the credentials of its user.
 */
export async function dashboardPage(
  fastify: FastifyInstance,
  { basePath, publicUrl, folder = BUILT }: PageOptions,
): Promise<void> {
  const html = await readFile(join(folder, "index.html"), "utf8").catch(() => undefined);
  if (html === undefined) {
    fastify.get(PAGE_PATH, async (_request, reply) =>
      reply.code(503).type("text/plain").send("The dashboard is not built. Build it with: npm run prepare\n"),
    );
    return;
  }
  const assets = await assetsIn(folder);
  const page = await pageOf(html, basePath, pathPrefixOf(publicUrl));
  const sendPage = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    sendFile(request, reply.headers({ ...pageHeaders(), "cache-control": "no-cache" }), page);

  fastify.get(PAGE_PATH, sendPage);
  fastify.get(`${PAGE_PATH}/`, sendPage);
  fastify.get<{ Params: { "*": string } }>(`${PAGE_PATH}/*`, async (request, reply) => {
    const name = request.params["*"];
    const asset = assets.get(name);
    // Asset names contain a hash of the content, so they can be cached forever.
    if (asset !== undefined) {
      void reply.header("cache-control", "public, max-age=31536000, immutable");
      return sendFile(request, reply, asset);
    }
    if (name.startsWith("assets/")) {
      reply.callNotFound();
      return reply;
    }
    return sendPage(request, reply);
  });
}

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
async function pageOf(html: string, basePath: string, prefix: string): Promise<File> {
  const page = html
    .replace('name="afoot-api" content="/api"', () => `name="afoot-api" content="${prefix}${basePath}"`)
    .replace('name="afoot-page" content="/dashboard"', () => `name="afoot-page" content="${prefix}${PAGE_PATH}"`)
    .replaceAll('="./', () => `="${prefix}${PAGE_PATH}/`);
  return fileOf("text/html; charset=utf-8", Buffer.from(page));
}

const zip = promisify(gzip);

async function fileOf(type: string, plain: Buffer): Promise<File> {
  return { type, etag: `"${hash("sha256", plain, "base64url").slice(0, 22)}"`, plain, zipped: await zip(plain) };
}

async function sendFile(request: FastifyRequest, reply: FastifyReply, file: File): Promise<FastifyReply> {
  const knownTags = request.headers["if-none-match"] ?? "";
  const encodings = request.headers["accept-encoding"] ?? "";
  void reply.headers({
    etag: file.etag,
    vary: "accept-encoding",
    "x-content-type-options": "nosniff",
  });
  if (knownTags.includes(file.etag)) return reply.code(304).send();
  void reply.type(file.type);
  if (!encodings.includes("gzip")) return reply.send(file.plain);
  return reply.header("content-encoding", "gzip").send(file.zipped);
}
