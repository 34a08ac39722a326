import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { OpenApiOptions, OpenApiTag } from "../openapi-options.ts";
import type { ServerOptions } from "../options.ts";
import { examplesOf } from "./examples/examples.ts";
import type { OpenApiDocument, OpenApiInfo, PathItem } from "./open-api.ts";
import { collectionPath } from "./paths/collection-path.ts";
import { EXTERNAL_TAG, externalPaths } from "./paths/external-paths.ts";
import { historyPath } from "./paths/history-path.ts";
import { itemPath } from "./paths/item-path.ts";
import { memberPaths } from "./paths/member-paths.ts";
import { operationPath, OPERATIONS_TAG } from "./paths/operation-path.ts";
import { type Components, createComponents } from "./schemas/components.ts";
import type { Scope } from "./scope.ts";
import { securityOf } from "./security.ts";
import { createUniqueNames } from "./unique-names.ts";
import { webhooksOf } from "./webhooks.ts";
import { wordsOf } from "./words.ts";

export interface OpenApiDocumentParts {
  readonly types: readonly ResourceType[];
  readonly options: ServerOptions;
  /** Name of the API. @default the app's, else "Afoot API" */
  readonly title?: string | undefined;
  /** Version of the API. @default the app's, else "1.0.0" */
  readonly version?: string | undefined;
  /** Base URL of the API. @default the servers in `openapi`, else `publicUrl`, else none: the server that the document came from */
  readonly serverUrl?: string | undefined;
}

/** Generates the OpenAPI document of an app's HTTP API. Deterministic: the same types and options give the same document. */
export function openapiDocument({ types, options, title, version, serverUrl }: OpenApiDocumentParts): OpenApiDocument {
  const components = createComponents(types.map(({ name, schemaName }) => ({ owner: name, name: schemaName })));
  const uniqueId = createUniqueNames();
  const scopes = types.map((type): Scope => ({
    type,
    words: wordsOf(type),
    options,
    components,
    examples: examplesOf(type),
    operationId: (preferred, role = "") => uniqueId(`${type.name} ${role}`, preferred),
  }));
  // Reserve the names of the standard operations, so that an action with the same name gets a number.
  for (const { type, operationId } of scopes) for (const verb of VERBS) operationId(verb + type.schemaName);

  const paths = Object.fromEntries([
    ...scopes.flatMap((scope) => pathsOf(scope)),
    ...(options.operations ? [operations(components, options, uniqueId("", "getOperation"))] : []),
    ...externalPaths({ components, options, operationId: (preferred) => uniqueId("", preferred) }),
  ]);
  const { security, securitySchemes } = securityOf(options);
  return {
    openapi: "3.1.1",
    info: infoOf({
      ...options.openapi,
      ...(title === undefined ? {} : { title }),
      ...(version === undefined ? {} : { version }),
    }),
    ...serversOf(options, serverUrl),
    security,
    tags: mergeTags(
      [
        ...scopes.map(({ type, words }) => ({
          name: words.tag,
          description: type.description ?? `Create, follow and change ${words.many}.`,
        })),
        ...(options.operations ? [OPERATIONS_TAG] : []),
        ...(options.messages || options.worker ? [EXTERNAL_TAG] : []),
      ],
      options.openapi?.tags,
    ),
    paths,
    ...webhooksOf(scopes),
    components: { ...components.collected(), ...securitySchemes },
  };
}

const VERBS = ["create", "get", "head", "put", "update", "delete"];

function pathsOf(scope: Scope): readonly (readonly [string, PathItem])[] {
  const collection = `${scope.options.basePath}/${scope.type.path}`;
  return [
    [collection, collectionPath(scope)],
    [`${collection}/{id}`, itemPath(scope)],
    ...[...memberPaths(scope)].map(([segment, item]) => [`${collection}/{id}/${segment}`, item] as const),
    [`${collection}/{id}/history`, historyPath(scope)],
  ];
}

function operations(components: Components, options: ServerOptions, operationId: string): readonly [string, PathItem] {
  return [`${options.basePath}/operations/{id}`, operationPath(components, options, operationId)];
}

const DESCRIPTION =
  "Resources that take time. A request that starts an operation gets 202 with a `Location`; GET requests to it show status, progress " +
  "and details of the resource together.\n\n" +
  "- In progress: the response carries `Retry-After`.\n" +
  "- Settled: it does not.\n" +
  "- Succeeded: settled, and the body has no `error`.\n\n" +
  "Errors are problem details (RFC 9457) with a stable `code`.";

function infoOf({ title, version, description, contact, license }: OpenApiOptions): OpenApiInfo {
  return {
    // OpenAPI requires a title and a version. Nothing else is filled in that the app does not state.
    title: title ?? "Afoot API",
    version: version ?? "1.0.0",
    description: description ?? DESCRIPTION,
    ...(contact === undefined ? {} : { contact }),
    ...(license === undefined ? {} : { license }),
  };
}

function serversOf(
  { openapi, publicUrl }: ServerOptions,
  serverUrl: string | undefined,
): Pick<OpenApiDocument, "servers"> {
  if (serverUrl !== undefined) return { servers: [{ url: serverUrl }] };
  if (openapi?.servers !== undefined) return { servers: openapi.servers };
  // Without servers, OpenAPI means the server that the document came from.
  return publicUrl === undefined ? {} : { servers: [{ url: publicUrl }] };
}

/** Adds the app's tags to the generated ones. A tag with the same name replaces the description. */
function mergeTags(generated: readonly OpenApiTag[], given: readonly OpenApiTag[] = []): readonly OpenApiTag[] {
  const tags = new Map([...generated, ...given].map((tag) => [tag.name, tag]));
  return [...tags.values()];
}
