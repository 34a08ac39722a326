import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { isJsonObject } from "../../src/core/json/json.ts";
import { resolvePointer } from "../../src/core/json/resolve-pointer.ts";
import { openapiDocument } from "../../src/server/openapi/document.ts";
import { serverOptions } from "../../src/server/options.ts";
import { machine, order } from "./types.ts";

const FIXTURE = join(import.meta.dirname, "fixtures/machines.openapi.yaml");

/** Keywords for humans, which differ between the documents. */
const WORDS: ReadonlySet<string> = new Set(["openapi", "info", "servers", "summary", "description"]);

/** Returns the locations in `part` that are missing in `whole`, following references. */
function missing(part: unknown, whole: unknown, document: unknown, at = ""): readonly string[] {
  const found =
    isJsonObject(whole) && typeof whole["$ref"] === "string" ? resolvePointer(document, whole["$ref"]) : whole;
  if (Array.isArray(part)) {
    const items: readonly unknown[] = Array.isArray(found) ? found : [];
    return part.flatMap((each, index) =>
      items.some((item) => missing(each, item, document).length === 0) ? [] : [`${at}/${index}`],
    );
  }
  if (!isJsonObject(part)) {
    return part === found ? [] : [`${at}: ${JSON.stringify(found)} is not ${JSON.stringify(part)}`];
  }
  if (!isJsonObject(found)) return [at];
  return Object.entries(part)
    .filter(([name]) => !WORDS.has(name))
    .flatMap(([name, value]) => missing(value, found[name], document, `${at}/${name}`));
}

async function pattern(): Promise<unknown> {
  const text = await readFile(FIXTURE, "utf8");
  return parse(text.replaceAll("  /virtual-machines", "  /api/virtual-machines").replaceAll("machineId", "id"));
}

test("a document of the pattern is contained in the generated one, but for base path and parameter name", async () => {
  const document = openapiDocument({ types: [machine], options: serverOptions() });
  assert.deepEqual(missing(await pattern(), document, document), []);
});

test("it is not contained in that of another resource, nor under another base path", async () => {
  const other = openapiDocument({ types: [order], options: serverOptions() });
  assert.notDeepEqual(missing(await pattern(), other, other), []);
  const underV1 = openapiDocument({ types: [machine], options: serverOptions({ basePath: "/v1" }) });
  assert.notDeepEqual(missing(await pattern(), underV1, underV1), []);
});
