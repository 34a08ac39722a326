import { AfootError } from "./errors.ts";
import { encodeJson, NotJsonError } from "./json/encode-json.ts";
import { isJsonObject, type JsonText } from "./json/json.ts";

/**
 * The authenticated sender of a request, or the principal that the app itself acts for.
 *
 * `authenticate` may return further fields, such as the tenant or the roles of a token. They are kept with each operation
 * that the principal asks for, so that its work reads them: JSON only, and at most 8192 characters of it. Declare their
 * types once, in any file of the app:
 *
 * ```ts
 * declare module "afoot" {
 *   interface Principal {
 *     readonly tenant?: string;
 *   }
 * }
 * ```
 */
export interface Principal {
  /** The name of the principal: 1 to 1024 characters. */
  readonly id: string;
  /** Owner of the resources that the principal creates, so that a team can share them. @default the id */
  readonly owner?: string;
  /**
   * Allows everything that `authorize` does not reject: other owners' resources, messages, workers, metrics.
   * @default false
   */
  readonly operator?: boolean;
}

/** True for a valid principal. Undefined must not pass: internally it means full access. */
export function isPrincipal(principal: unknown): principal is Principal {
  if (!isJsonObject(principal)) return false;
  const { id, owner } = principal;
  return isStorableName(id) && (owner === undefined || isStorableName(owner));
}

const MAX_NAME_LENGTH = 1024;

/** True for texts that every store can keep and compare. */
function isStorableName(name: unknown): boolean {
  return (
    typeof name === "string" &&
    name !== "" &&
    name.length <= MAX_NAME_LENGTH &&
    !name.includes("\0") &&
    name.isWellFormed()
  );
}

/** Returns the owner of resources that a principal creates; undefined without authentication. */
export function ownerOf(principal: Principal | undefined): string | undefined {
  return principal === undefined ? undefined : (principal.owner ?? principal.id);
}

/** Maximum length of a principal that is kept with an operation, in characters of JSON. */
const MAX_PRINCIPAL_LENGTH = 8192;

/**
 * Encodes a principal to keep it with an operation. The messages of errors name fields, never values.
 *
 * @throws AfootError `invalid-principal` for no principal, one that JSON cannot represent, or one that is too long
 */
export function encodePrincipal(principal: Principal): JsonText {
  if (!isPrincipal(principal)) {
    throw invalidPrincipal("principal: use { id, owner?, operator? }, with an id and an owner of 1 to 1024 characters");
  }
  const text = encoded(principal);
  const kept: unknown = JSON.parse(text);
  // A getter of a class, or a `toJSON`, may have dropped them.
  if (!isPrincipal(kept) || kept.id !== principal.id || ownerOf(kept) !== ownerOf(principal)) {
    throw invalidPrincipal("principal: JSON loses its id or its owner; use a plain object with both");
  }
  if (text.length <= MAX_PRINCIPAL_LENGTH) return text;
  const [field, length] = longestField(kept);
  throw invalidPrincipal(
    `principal.${field}: the principal has ${text.length} characters of JSON, and its longest field, ${field}, has ${length} of them; at most ${MAX_PRINCIPAL_LENGTH} are kept with an operation. Leave out what work does not read`,
  );
}

/** Decodes a principal that {@link encodePrincipal} has encoded. */
export function decodePrincipal(text: JsonText): Principal {
  const principal: unknown = JSON.parse(text);
  if (isPrincipal(principal)) return principal;
  throw invalidPrincipal("principal: the stored text is not a principal");
}

function encoded(principal: Principal): JsonText {
  try {
    return encodeJson(principal, "principal");
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    // These reasons show a value, or the message of an error of the app.
    const reason = error.reason
      .replace(/^the BigInt -?\d+/, "a BigInt")
      .replace(/^(it cannot be read as JSON): .*/s, "$1");
    throw invalidPrincipal(`principal${error.path}: ${reason}`);
  }
}

function longestField(principal: object): readonly [field: string, length: number] {
  const lengths = Object.entries(principal).map(([name, value]) => [name, JSON.stringify(value).length] as const);
  return lengths.reduce((longest, each) => (each[1] > longest[1] ? each : longest), ["id", 0]);
}

function invalidPrincipal(problem: string): AfootError {
  return new AfootError("invalid-principal", `${problem}.`);
}
