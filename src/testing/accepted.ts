import type { ResourceSpec, ResourceType } from "../core/definition/resource-type.ts";
import { AfootError } from "../core/errors.ts";
import { type Schema, validate } from "../core/json/schema.ts";
import type { PlannedEvent } from "./operation-run.ts";
import type { RunOptions } from "./run-options.ts";
import type { TestedResource } from "./tested-resource.ts";

/** Begins the operation, after what has to be there before it. */
export async function accept<Spec extends ResourceSpec>(
  tested: TestedResource,
  type: ResourceType<Spec>,
  { configuration, input, kind = "create", before }: RunOptions<Spec>,
): Promise<void> {
  const operation = type.operations.get(kind);
  if (operation?.work === undefined) {
    const kinds = [...type.operations.values()].filter(({ work }) => work !== undefined).map((each) => each.kind);
    throw new AfootError(
      "unknown-kind",
      `${type.name} has no work for ${JSON.stringify(kind)}; it has for ${kinds.join(", ")}.`,
    );
  }
  const target = await checked(type.configuration.schema, configuration, "configuration");
  const key = { type: type.name, id: "tested" };
  const create = { change: "accept", key, expect: "absent" } as const;
  if (kind === "create") {
    tested.apply({
      ...create,
      operation: { id: "operation", kind, configuration: target, sent: JSON.stringify(configuration) },
    });
    return;
  }
  const earlier = await checked(
    type.configuration.schema,
    before?.configuration ?? configuration,
    "before.configuration",
  );
  tested.apply({ ...create, operation: { id: "before", kind: "create", configuration: earlier } });
  const { operation: id, attempt } = tested.claim() ?? { operation: "before", attempt: 0 };
  tested.tellOf(id, { event: "succeeded", attempt, details: JSON.stringify(before?.details ?? {}) });
  const { creation, edit } = tested.resource;
  const sent = operation.input === undefined ? {} : { input: await checked(operation.input.schema, input, "input") };
  const changed = kind === "update" ? { configuration: target } : {};
  tested.apply({
    change: "accept",
    key,
    expect: { creation, edit },
    operation: { id: "operation", kind, ...changed, ...sent },
  });
}

/** What the options let happen to the resource. */
export async function plannedEvents<Spec extends ResourceSpec>(
  type: ResourceType<Spec>,
  { messages = [], cancelAfterMs }: RunOptions<Spec>,
): Promise<PlannedEvent[]> {
  const planned: PlannedEvent[] =
    cancelAfterMs === undefined ? [] : [{ afterMs: cancelAfterMs, event: { event: "cancel-asked" } }];
  for (const [index, { name, value, afterMs = 0 }] of messages.entries()) {
    const declared = type.receives.get(name);
    if (declared === undefined) {
      throw new AfootError(
        "unknown-message",
        `${type.name} declares no message ${JSON.stringify(name)} in \`receives\`.`,
      );
    }
    const text = await checked(declared.schema, value, `messages[${index}].value`);
    planned.push({ afterMs, event: { event: "received", id: `message ${index}`, name, value: text } });
  }
  return planned;
}

async function checked(schema: Schema, value: unknown, place: string): Promise<string> {
  const validated = await validate(schema, value, `/${place}`);
  if (validated.issues === undefined) return JSON.stringify(validated.value);
  const issues = validated.issues.map(({ pointer, detail }) => `${pointer}: ${detail}`);
  throw new AfootError("validation", issues.join("; "));
}
