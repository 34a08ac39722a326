import ajvFormats from "ajv-formats";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { isJsonObject } from "../../src/core/json/json.ts";
import { resolvePointer } from "../../src/core/json/resolve-pointer.ts";
import { escapePointer, type JsonSchema } from "../../src/core/json/schema.ts";
import type { OpenApiDocument } from "../../src/server/openapi/open-api.ts";

/** One HTTP exchange. */
export interface Exchange {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Returns the deviations of an exchange from the document. */
export type TrafficCheck = (exchange: Exchange) => readonly string[];

/** Headers that a response may only have if the document lists them. */
const DOCUMENTED = [
  "Location",
  "Retry-After",
  "ETag",
  "Last-Modified",
  "Operation-Location",
  "Preference-Applied",
  "Link",
  "Allow",
  "WWW-Authenticate",
] as const;

/** Statuses of requests that the document does not describe: unknown paths and methods. */
const UNDESCRIBED: ReadonlySet<number> = new Set([204, 400, 401, 404, 405]);

/** Checks by the text of their document: tests open many servers of one app, and compiling its schemas takes long. */
const checks = new Map<string, TrafficCheck>();

export function createTrafficCheck(document: OpenApiDocument): TrafficCheck {
  const text = JSON.stringify(document);
  const check = checks.get(text) ?? checkBy(document);
  checks.set(text, check);
  return check;
}

function checkBy(document: OpenApiDocument): TrafficCheck {
  const faultsAt = createValidation(document);
  const routes = Object.keys(document.paths).map((path) => ({ path, pattern: patternOf(path) }));

  return (exchange) => {
    const { url, status } = exchange;
    // HEAD responds like GET, whether it is described or not.
    const method = exchange.method === "HEAD" ? "GET" : exchange.method;
    const [path = ""] = url.split("?");
    const route = routes.find(({ pattern }) => pattern.test(path));
    const operation = `#/paths/${escapePointer(route?.path ?? "")}/${method.toLowerCase()}`;
    if (resolvePointer(document, operation) === undefined) {
      return UNDESCRIBED.has(status) ? [] : [`${method} ${url} is not described, and answered ${status}`];
    }
    const response = described(document, `${operation}/responses/${status}`);
    if (response === undefined) return [`${method} ${url} answered ${status}, which is not described`];
    const faults = [
      ...headerFaults(document, response, exchange, faultsAt),
      ...bodyFaults(response, exchange, faultsAt),
      ...pacingFaults(response, exchange, faultsAt),
    ];
    return faults.map((fault) => `${method} ${url} ${status}: ${fault}\n${exchange.body.slice(0, 500)}`);
  };
}

/** A part of the document and its location, after following references. */
interface Described {
  readonly at: string;
  readonly value: JsonSchema;
}

function described(document: OpenApiDocument, at: string): Described | undefined {
  const value = resolvePointer(document, at);
  if (value === undefined) return undefined;
  const { $ref } = value;
  return typeof $ref === "string" ? described(document, $ref) : { at, value };
}

/** Returns the issues of a value according to the schema at a location. */
type Faults = (at: string, value: unknown) => readonly string[];

function createValidation(document: OpenApiDocument): Faults {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajvFormats.default(ajv);
  ajv.addSchema({ $id: "openapi", ...closed(document) });
  const compiled = new Map<string, ValidateFunction>();
  return (at, value) => {
    const validate = compiled.get(at) ?? ajv.compile({ $ref: `openapi${at}` });
    compiled.set(at, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

function headerFaults(
  document: OpenApiDocument,
  response: Described,
  { headers }: Exchange,
  faultsAt: Faults,
): readonly string[] {
  return DOCUMENTED.flatMap((name) => {
    const value = headers.get(name);
    if (value === null) return [];
    const header = described(document, `${response.at}/headers/${name}`);
    if (header === undefined) return [`${name} is not described`];
    const isNumber = resolvePointer(header.value, "#/schema")?.["type"] === "integer";
    return faultsAt(`${header.at}/schema`, isNumber ? Number(value) : value).map((fault) => `${name}:${fault}`);
  });
}

function bodyFaults(
  { at, value }: Described,
  { method, headers, body }: Exchange,
  faultsAt: Faults,
): readonly string[] {
  if (method === "HEAD" || body === "") return [];
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  const pointer = `/content/${escapePointer(type)}/schema`;
  const isDescribed = resolvePointer(value, `#${pointer}`) !== undefined;
  if (!isDescribed) return [`a body of type ${JSON.stringify(type)} is not described`];
  return type === "text/event-stream" ? [] : faultsAt(at + pointer, JSON.parse(body));
}

/** Checks the rule that cannot be expressed as schema: `Retry-After` determines the state of a representation. */
function pacingFaults({ value: response }: Described, exchange: Exchange, faultsAt: Faults): readonly string[] {
  const { url, status, headers, body } = exchange;
  const schema = resolvePointer(response, "#/content/application~1json/schema")?.["$ref"];
  if (status >= 300 || body === "" || url.includes("fields=") || typeof schema !== "string") return [];
  if (headers.get("content-type")?.startsWith("application/json") !== true) return [];
  const representation: unknown = JSON.parse(body);
  if (!isJsonObject(representation) || !("configuration" in representation)) return [];
  const states = `${schema.replace(/Shown$/, "")}/allOf/0/anyOf`;
  if (headers.has("Retry-After")) return faultsAt(`${states}/0`, representation).map((fault) => `in progress:${fault}`);
  const succeeded = faultsAt(`${states}/1`, representation);
  const failed = faultsAt(`${states}/2`, representation);
  return succeeded.length === 0 || failed.length === 0
    ? []
    : [...succeeded, ...failed].map((fault) => `settled:${fault}`);
}

/** Closes the objects that the document defines completely. */
function closed(document: OpenApiDocument): object {
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => [name, CLOSED.test(name) ? { ...schema, unevaluatedProperties: false } : schema] as const,
  );
  const components: object = { ...document.components, schemas: Object.fromEntries<unknown>(schemas) };
  return { ...document, components };
}

const CLOSED = /^(?:Problem|ResourceError|History|Operation)$|List$/;

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{[^}]+\}/g, "[^/]+")}$`);
}
