import { existsSync } from "node:fs";
import SwaggerParser from "@apidevtools/swagger-parser";
import { isJsonObject } from "../../core/json/json.ts";
import { listOf } from "../../server/openapi/schemas/map-schema.ts";
import { withLocalReferences } from "./local-references.ts";
import { UnservableError } from "./unservable.ts";

/** An OpenAPI document as plain data; all its references lead to places in itself. */
export type MockDocument = { readonly [key: string]: unknown };

/**
 * Reads an OpenAPI 3.0 or 3.1 document from a YAML or JSON file, other files that it refers to included, and checks it against
 * the specification.
 *
 * @throws UnservableError naming the place
 */
export async function loadDocument(file: string): Promise<MockDocument> {
  if (!existsSync(file)) throw new UnservableError("", `${file}: there is no such file`);
  const api = await bundled(file);
  if (!isJsonObject(api)) throw new UnservableError("", `${file}: this is no OpenAPI document`);
  checkVersion(api);
  await checkValid(api);
  return api;
}

type Api = Awaited<ReturnType<typeof SwaggerParser.bundle>>;

async function bundled(file: string): Promise<Api> {
  try {
    return withLocalReferences(await SwaggerParser.bundle(file), file);
  } catch (cause) {
    if (cause instanceof UnservableError) throw cause;
    const version = /Unsupported OpenAPI version: (\S+?)\.? /.exec(messageOf(cause))?.[1];
    if (version !== undefined) throw wrongVersion(version === "undefined" ? undefined : version);
    throw new UnservableError("", messageOf(cause), { cause });
  }
}

function checkVersion({ openapi, swagger }: MockDocument): void {
  if (typeof openapi === "string" && /^3\.[01]\./.test(openapi)) return;
  if (swagger !== undefined) throw new UnservableError("/swagger", "this is Swagger; convert it to OpenAPI 3.0 or 3.1");
  throw wrongVersion(openapi);
}

function wrongVersion(version: unknown): UnservableError {
  const said =
    version === undefined ? "no version is said" : `${JSON.stringify(version)} is not a version that is known here`;
  return new UnservableError("/openapi", `${said}; use OpenAPI 3.0 or 3.1`);
}

async function checkValid(api: Api): Promise<void> {
  try {
    // Checked on a copy, in which the check replaces references by what they lead to.
    await SwaggerParser.validate(structuredClone(api), { dereference: { circular: "ignore" } });
  } catch (cause) {
    const { pointer, reason } = deepest(cause);
    throw new UnservableError(pointer, reason, { cause });
  }
}

/** Of the faults of a check the one that lies deepest is the cause; the others follow from it. */
function deepest(error: unknown): { readonly pointer: string; readonly reason: string } {
  const details: unknown = error instanceof Error && "details" in error ? error.details : undefined;
  const faults: readonly unknown[] = Array.isArray(details) ? details : [];
  let found = { pointer: "", reason: messageOf(error) };
  for (const fault of faults.filter(isJsonObject)) {
    const { instancePath, message, params } = fault;
    if (typeof instancePath === "string" && typeof message === "string" && instancePath.length > found.pointer.length) {
      found = { pointer: instancePath, reason: `is not as OpenAPI has it: ${message}${allowed(params)}` };
    }
  }
  return found;
}

function allowed(params: unknown): string {
  const values = isJsonObject(params) ? listOf(params["allowedValues"]) : [];
  return values.length === 0 ? "" : ` (${values.join(", ")})`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
