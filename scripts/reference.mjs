import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import scalar from "@scalar/fastify-api-reference";
import fastify from "fastify";

/** Turns off everything that the reference would load from other hosts, and its vendor's services. */
const PRIVACY_SETTINGS = {
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: /** @type {const} */ ("never"),
};

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

/**
 * Renders the interactive reference of `/docs` with its Fastify plugin, the only form in which it serves its own script.
 * The server inserts the title. The script is 5 MB, so the package contains it in a compressed form.
 *
 * @param {string} folder
 * @param {string} previous Folder of the previous build, whose script is used again if it has not changed.
 */
export async function writeReference(folder, previous) {
  const renderer = fastify();
  await renderer.register(scalar, {
    routePrefix: "/docs",
    configuration: { url: "../openapi.json", pageTitle: "TITLE", customCss: CONTRAST_CSS, ...PRIVACY_SETTINGS },
  });
  const page = await renderer.inject("/docs/");
  const script = await renderer.inject("/docs/js/scalar.js");
  await renderer.close();
  const html = page.body
    .replace("<html>", '<html lang="en">')
    .replace("<title>TITLE</title>", '<title></title><link rel="icon" href="data:," />');
  if (!html.includes("<title></title>")) throw new Error("the reference has another form; check its version");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.html"), html);
  writeFileSync(join(folder, "scalar.js.br"), compressed(script.rawPayload, join(previous, "scalar.js.br")));
  copyFileSync(new URL("../LICENSE", import.meta.resolve("@scalar/fastify-api-reference")), join(folder, "LICENSE"));
}

/** @param {Buffer} bytes @param {string} previous */
function compressed(bytes, previous) {
  try {
    const existing = readFileSync(previous);
    if (brotliDecompressSync(existing).equals(bytes)) return existing;
  } catch {
    // There is no previous build.
  }
  return brotliCompressSync(bytes, {
    // A higher quality saves another tenth, but takes ten times as long.
    params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
}
