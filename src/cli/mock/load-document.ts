import { existsSync } from "node:fs";
import { SwaggerParser } from "#packages/swagger-parser";
import { isJsonObject } from "../../core/json/json.ts";
import { listOf } from "../../server/openapi/schemas/map-schema.ts";
import { checkSize } from "./document-size.ts";
import { withLocalReferences } from "./local-references.ts";
import { UnservableError } from "./unservable.ts";

/** An OpenAPI document as plain data. All its references are local. */
export type MockDocument = { readonly [key: string]: unknown };

/**
 * Reads an OpenAPI 3.0 or 3.1 document from a YAML or JSON file, including the files it references, and validates it against the
 * specification.
 *
 * @throws UnservableError with the pointer of the first problem
 */
export async function loadDocument(file: string): Promise<MockDocument> {
  if (!existsSync(file)) throw new UnservableError("", `${file}: file not found`);
  const api = await bundle(file);
  if (!isJsonObject(api)) throw new UnservableError("", `${file}: not an OpenAPI document`);
  checkVersion(api);
  await checkValid(api);
  return api;
}

type Api = Awaited<ReturnType<typeof SwaggerParser.bundle>>;

async function bundle(file: string): Promise<Api> {
  try {
    checkSize(await SwaggerParser.parse(file));
    return withLocalReferences(await SwaggerParser.bundle(file), file);
  } catch (cause) {
    if (cause instanceof UnservableError) throw cause;
    const version = /Unsupported OpenAPI version: (\S+?)\.? /.exec(messageOf(cause))?.[1];
    if (version !== undefined) throw unknownVersionError(version === "undefined" ? undefined : version);
    throw new UnservableError("", messageOf(cause), { cause });
  }
}

function checkVersion({ openapi, swagger }: MockDocument): void {
  if (typeof openapi === "string" && /^3\.[01]\./.test(openapi)) return;
  if (swagger !== undefined) {
    throw new UnservableError("/swagger", "Swagger 2.0 is not supported; convert the document to OpenAPI 3.0 or 3.1");
  }
  throw unknownVersionError(openapi);
}

function unknownVersionError(version: unknown): UnservableError {
  const problem =
    version === undefined ? "the version is missing" : `version ${JSON.stringify(version)} is not supported`;
  return new UnservableError("/openapi", `${problem}; use OpenAPI 3.0 or 3.1`);
}

async function checkValid(api: Api): Promise<void> {
  try {
    // Uses a copy, because validation replaces references in place.
    await SwaggerParser.validate(structuredClone(api), { dereference: { circular: "ignore" } });
  } catch (cause) {
    const { pointer, reason } = deepestError(cause);
    throw new UnservableError(pointer, reason, { cause });
  }
}

/** Returns the error with the longest pointer, because the others usually follow from it. */
function deepestError(error: unknown): { readonly pointer: string; readonly reason: string } {
  const details: unknown = error instanceof Error && "details" in error ? error.details : undefined;
  const errors: readonly unknown[] = Array.isArray(details) ? details : [];
  let deepest = { pointer: "", reason: messageOf(error) };
  for (const { instancePath, message, params } of errors.filter(isJsonObject)) {
    if (
      typeof instancePath === "string" &&
      typeof message === "string" &&
      instancePath.length > deepest.pointer.length
    ) {
      deepest = {
        pointer: instancePath,
        reason: `is invalid by the OpenAPI specification: ${message}${allowedValuesText(params)}`,
      };
    }
  }
  return deepest;
}

function allowedValuesText(params: unknown): string {
  const values = isJsonObject(params) ? listOf(params["allowedValues"]) : [];
  return values.length === 0 ? "" : ` (${values.join(", ")})`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
