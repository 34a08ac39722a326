import type { ResourceSpec, ResourceType } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import { encodeJson } from "../core/json/encode-json.ts";
import { type Schema, validate } from "../core/json/schema.ts";
import { encodePrincipal, ownerOf } from "../core/principal.ts";
import type { PlannedEvent } from "./operation-run-options.ts";
import type { RunOptions } from "./run-options.ts";
import type { TestedResource } from "./tested-resource.ts";

/** Accepts the operation, after creating the resource that it needs. */
export async function accept<Spec extends ResourceSpec>(
  tested: TestedResource,
  type: ResourceType<Spec>,
  { configuration, input, kind = "create", before, principal, owner = ownerOf(principal) }: RunOptions<Spec>,
): Promise<void> {
  const operation = type.operations.get(kind);
  if (operation?.work === undefined) {
    const kinds = [...type.operations.values()].filter(({ work }) => work !== undefined).map((each) => each.kind);
    throw new AfootError(
      "unknown-kind",
      `${type.name} has no work for ${JSON.stringify(kind)}; choose one of ${kinds.join(", ")}.`,
    );
  }
  const target = await validated(type.configuration.schema, configuration, "configuration");
  const key = { type: type.name, id: "tested" };
  const create = { change: "accept", key, expect: "absent" } as const;
  const owned = owner === undefined ? {} : { owner };
  const asked = principal === undefined ? {} : { principal: encodePrincipal(principal) };
  if (kind === "create") {
    tested.apply({
      ...create,
      operation: {
        id: "operation",
        kind,
        configuration: target,
        rawConfiguration: encode(configuration, "configuration"),
        ...owned,
        ...asked,
      },
    });
    return;
  }
  const earlierConfiguration = await validated(
    type.configuration.schema,
    before?.configuration ?? configuration,
    "before.configuration",
  );
  tested.apply({
    ...create,
    operation: { id: "before", kind: "create", configuration: earlierConfiguration, ...owned },
  });
  const attempt = tested.claim()?.attempt ?? 0;
  tested.applyEvent({
    event: "succeeded",
    attempt,
    details: encode(before?.details ?? {}, "before.details"),
  });
  const { creation, edit } = tested.resource;
  const sent = operation.input === undefined ? {} : { input: await validated(operation.input.schema, input, "input") };
  const changed = kind === "update" ? { configuration: target } : {};
  tested.apply({
    change: "accept",
    key,
    expect: { creation, edit },
    operation: { id: "operation", kind, ...changed, ...sent, ...asked },
  });
}

/** Returns the messages and the cancel request of the options as events. */
export async function plannedEvents<Spec extends ResourceSpec>(
  type: ResourceType<Spec>,
  { messages = [], cancelAfterMs }: Pick<RunOptions<Spec>, "messages" | "cancelAfterMs">,
): Promise<PlannedEvent[]> {
  const planned: PlannedEvent[] =
    cancelAfterMs === undefined ? [] : [{ afterMs: cancelAfterMs, event: { event: "cancel-requested" } }];
  for (const [index, { name, value, afterMs = 0 }] of messages.entries()) {
    const declared = type.receives.get(name);
    if (declared === undefined) {
      throw new AfootError(
        "unknown-message",
        `${type.name} declares no message ${JSON.stringify(name)} in \`receives\`.`,
      );
    }
    const text = await validated(declared.schema, value, `messages[${index}].value`);
    planned.push({ afterMs, event: { event: "received", id: `message ${index}`, name, value: text } });
  }
  return planned;
}

async function validated(schema: Schema, value: unknown, path: string): Promise<string> {
  const result = await validate(schema, value, `/${path}`);
  if (result.issues === undefined) return encode(result.value, path);
  const issues = result.issues.map(({ pointer, detail }) => `${pointer}: ${detail}`);
  throw new AfootError("validation", issues.join("; "));
}

/** @throws AfootError `validation` for a value that JSON cannot represent */
function encode(value: unknown, path: string): string {
  try {
    return encodeJson(value, path);
  } catch (cause) {
    throw new AfootError("validation", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
