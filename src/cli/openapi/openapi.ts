import { parseArgs } from "node:util";
import { DefinitionError } from "../../core/errors.ts";
import { openapiDocument } from "../../server/openapi/document.ts";
import { examplesOf } from "../../server/openapi/examples/examples.ts";
import { loadApp } from "../load-app.ts";
import { createOverlay, parseOverlayName } from "./overlays.ts";

/**
 * Prints the OpenAPI document of an app, or an overlay of it for a generator. Reports examples that could not be
 * generated on standard error.
 */
export async function openapi(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { server: { type: "string" }, overlay: { type: "string" } },
  });
  if (positionals.length > 1) {
    throw new DefinitionError(`expected at most one app file, got ${positionals.length}: ${positionals.join(" ")}`);
  }
  const serverUrl = values.server === undefined ? undefined : parseServerUrl(values.server);
  const overlayName = values.overlay === undefined ? undefined : parseOverlayName(values.overlay);
  const { app } = await loadApp(positionals[0]);
  const { types, options } = app;
  const document = openapiDocument({ types, options, serverUrl });
  if (overlayName !== undefined) {
    print(createOverlay(overlayName, { types, basePath: options.basePath, document }, serverUrl));
    return 0;
  }
  const exampleErrors = types.flatMap((type) => examplesOf(type).missing);
  process.stderr.write(exampleErrors.map((error) => `afoot openapi: ${error}\n`).join(""));
  print(document);
  return 0;
}

function print(document: object): void {
  process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
}

function parseServerUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return text.replace(/\/+$/, "");
  throw new DefinitionError(
    `--server: ${JSON.stringify(text)} is not an http or https URL, such as "https://api.example.com"`,
  );
}
