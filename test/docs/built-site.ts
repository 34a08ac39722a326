import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { promisify } from "node:util";

export const ROOT = resolve(import.meta.dirname, "../..");
const VITEPRESS = join(ROOT, "node_modules/vitepress/bin/vitepress.js");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Serves a folder as a static host does: `/` is `index.html`, and an unknown path the page `404.html`. */
export async function serve(folder: string): Promise<{ readonly origin: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const path = decodeURI(new URL(request.url ?? "/", "http://host").pathname).replace(/\/$/, "/index.html");
    readFile(join(folder, path)).then(
      (body) => response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream").end(body),
      async () =>
        response.writeHead(404, { "content-type": "text/html" }).end(await readFile(join(folder, "404.html"))),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Builds the site into a folder that is gone after its use. */
export async function buildSite(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "afoot-site-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await promisify(execFile)(process.execPath, [VITEPRESS, "build", "docs", "--outDir", folder], { cwd: ROOT });
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: remove };
}
