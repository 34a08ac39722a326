import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { TypePolicy } from "../../core/policy.ts";
import type { Content, OperationObject } from "../../server/openapi/open-api.ts";
import { collectionOf, jsonPath, type OverlayAction, type OverlaySource } from "./overlay.ts";

/**
 * Returns the actions of an overlay for Speakeasy: each type as an entity, with methods that wait for its end.
 *
 * @see https://www.speakeasy.com/docs/terraform/terraform-guides/async-polling
 */
export function speakeasyActions(source: OverlaySource): readonly OverlayAction[] {
  return source.types.flatMap((type) => [...entityActions(source, type), ...operationActions(source, type)]);
}

/** Marks the schemas of all bodies that describe the resource itself. */
function entityActions(source: OverlaySource, type: ResourceType): readonly OverlayAction[] {
  const collection = collectionOf(source, type);
  const { paths } = source.document;
  const item = paths[`${collection}/{id}`];
  const bodies = [
    ...bodiesOf(paths[collection]?.post, "202"),
    ...bodiesOf(item?.get, "200"),
    ...bodiesOf(item?.patch, "202"),
  ];
  const schemas = new Set(bodies.flatMap(schemaNames));
  return [...schemas].map((name) => ({
    target: jsonPath("components", "schemas", name),
    update: { "x-speakeasy-entity": type.schemaName },
  }));
}

function bodiesOf(operation: OperationObject | undefined, status: string): readonly Content[] {
  const response = operation?.responses[status];
  const answered = response !== undefined && "content" in response ? response.content : undefined;
  return [operation?.requestBody?.content, answered].filter((content) => content !== undefined);
}

function schemaNames(content: Content): readonly string[] {
  return Object.values(content).flatMap(({ schema }) => {
    const reference = schema.$ref;
    return typeof reference === "string" ? [reference.replace("#/components/schemas/", "")] : [];
  });
}

function operationActions(source: OverlaySource, type: ResourceType): readonly OverlayAction[] {
  const collection = collectionOf(source, type);
  const item = `${collection}/{id}`;
  const name = type.schemaName;
  const changes = type.operations.has("update");
  const does = (verb: string): OverlayAction["update"] => ({ "x-speakeasy-entity-operation": `${name}#${verb}` });
  const waits = (verb: string, method: string): object => ({
    entityOperation: `${name}#${verb}#2`,
    options: { polling: { name: method } },
  });
  return [
    { target: jsonPath("paths", collection, "post"), update: does("create") },
    ...(changes ? [{ target: jsonPath("paths", item, "patch"), update: does("update") }] : []),
    { target: jsonPath("paths", item, "delete"), update: does("delete") },
    {
      target: jsonPath("paths", item, "get"),
      description: "The methods wait for the end of an operation, and are the second step of each write.",
      update: {
        "x-speakeasy-polling": pollingMethods(type.policy),
        "x-speakeasy-entity-operation": [
          `${name}#read`,
          waits("create", READY),
          ...(changes ? [waits("update", READY)] : []),
          waits("delete", DELETED),
        ],
      },
    },
  ];
}

const READY = "WaitForReady";
const DELETED = "WaitForDeleted";

/** Polls for up to an hour by default: the generated clients do not read `Retry-After`. */
const PACE = { delaySeconds: 1, intervalSeconds: 5, limitCount: 720 };

/** Returns methods that recognize the end by the declared labels, because criteria cannot read headers. */
function pollingMethods({ ready, failed, cancelled }: TypePolicy): readonly object[] {
  const found = { condition: "$statusCode == 200" };
  return [
    {
      name: READY,
      ...PACE,
      failureCriteria: [found, statusIn([failed, cancelled])],
      successCriteria: [found, statusIn(ready)],
    },
    { name: DELETED, ...PACE, successCriteria: [{ condition: "$statusCode == 404" }] },
  ];
}

function statusIn(labels: readonly string[]): object {
  const escaped = labels.map((label) => label.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return { context: "$response.body#/status", condition: `^(${escaped.join("|")})$`, type: "regex" };
}
