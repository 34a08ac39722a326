import { parseArgs } from "node:util";
import { DefinitionError } from "../core/errors.ts";
import { openapiDocument } from "../server/openapi/document.ts";
import { examplesOf } from "../server/openapi/examples.ts";
import { loadApp } from "./load-app.ts";

/** Prints the OpenAPI document of an app. What could not be shown in it is said on standard error. */
export async function openapi(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { server: { type: "string" } },
  });
  if (positionals.length > 1) {
    throw new DefinitionError(`one app file at most, not ${positionals.length}: ${positionals.join(" ")}`);
  }
  const serverUrl = values.server === undefined ? undefined : serverOf(values.server);
  const { app } = await loadApp(positionals[0]);
  const faults = app.types.flatMap((type) => examplesOf(type).faults);
  process.stderr.write(faults.map((fault) => `afoot openapi: ${fault}\n`).join(""));
  const document = openapiDocument({ types: app.types, options: app.options, serverUrl });
  process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  return 0;
}

function serverOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return text.replace(/\/+$/, "");
  throw new DefinitionError(
    `--server: ${JSON.stringify(text)} is not an http or https URL, such as "https://api.example.com"`,
  );
}
