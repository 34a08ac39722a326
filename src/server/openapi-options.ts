import { DefinitionError } from "../core/errors.ts";
import { isJsonObject } from "../core/json/json.ts";

/**
 * Information about the API in its OpenAPI document. Fields that are not given are left out, unless OpenAPI requires
 * them.
 */
export interface OpenApiOptions {
  /** Name of the API. @default "Afoot API" */
  readonly title?: string;
  /** Version of the API. @default "1.0.0" */
  readonly version?: string;
  /** Description in Markdown. @default a guide to following resources */
  readonly description?: string;
  readonly contact?: { readonly name?: string; readonly url?: string; readonly email?: string };
  /** Licence of the API. `identifier` is an SPDX expression, and excludes `url`. */
  readonly license?: { readonly name: string; readonly identifier?: string; readonly url?: string };
  /** Base URLs of the API. @default `publicUrl`, if it is given */
  readonly servers?: readonly OpenApiServer[];
  /** Tags to add to those of the resource types. A tag with the same name replaces the description. */
  readonly tags?: readonly OpenApiTag[];
}

export interface OpenApiServer {
  /** Absolute http or https URL, or a path. */
  readonly url: string;
  readonly description?: string;
}

export interface OpenApiTag {
  readonly name: string;
  readonly description?: string;
}

/** Throws a DefinitionError that names the field. */
type Check = (value: unknown, path: string) => void;

/** Checks the options. @throws DefinitionError that names the invalid field */
export function checkOpenApiOptions(options: OpenApiOptions): void {
  checkOptions(options, "openapi");
  const { license, tags = [] } = options;
  if (license?.identifier !== undefined && license.url !== undefined) {
    throw new DefinitionError("openapi.license: has both `identifier` and `url`; OpenAPI allows only one of them");
  }
  const names = tags.map(({ name }) => name);
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate === undefined) return;
  throw new DefinitionError(`openapi.tags: ${JSON.stringify(duplicate)} is duplicated; give each tag once`);
}

const text: Check = (value, path) => {
  if (typeof value !== "string" || value.trim() === "") throw invalid(value, path, "a string that is not empty");
};

const webUrl: Check = (value, path) => {
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid(value, path, 'a URL, such as "https://example.com"');
  }
};

const email: Check = (value, path) => {
  if (typeof value !== "string" || !/^[^\s@]+@[^\s@]+$/.test(value)) {
    throw invalid(value, path, 'an e-mail address, such as "api@example.com"');
  }
};

const serverUrl: Check = (value, path) => {
  if (typeof value === "string" && /^\/(?!\/)\S*$/.test(value)) return;
  webUrl(value, path);
};

const checkOptions = object({
  title: text,
  version: text,
  description: text,
  contact: object({ name: text, url: webUrl, email }),
  license: object({ name: text, identifier: text, url: webUrl }, ["name"]),
  servers: list(object({ url: serverUrl, description: text }, ["url"])),
  tags: list(object({ name: text, description: text }, ["name"])),
});

function object(fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, path) => {
    if (!isJsonObject(value)) throw invalid(value, path, "an object");
    const missing = required.find((name) => value[name] === undefined);
    if (missing !== undefined) throw new DefinitionError(`${path}.${missing}: is missing`);
    for (const [name, field] of Object.entries(value)) {
      const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (check === undefined) {
        throw new DefinitionError(`${path}.${name}: is unknown; the fields are ${Object.keys(fields).join(", ")}`);
      }
      if (field !== undefined) check(field, `${path}.${name}`);
    }
  };
}

function list(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length === 0) throw invalid(value, path, "an array that is not empty");
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`);
  };
}

function invalid(value: unknown, path: string, expected: string): DefinitionError {
  return new DefinitionError(`${path}: ${JSON.stringify(value) ?? String(value)} is invalid; it must be ${expected}`);
}
