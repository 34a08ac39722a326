import { DefinitionError } from "../errors.ts";
import type { FieldPath } from "../json/edit-field.ts";
import type { Schema, SchemaInput } from "../json/schema.ts";
import { DEFAULT_MAX_BYTES, type TypePolicy } from "../policy.ts";
import type { MessageSchemas } from "../work.ts";
import { positive, positiveCount } from "./checks.ts";
import type { ResourceDeclaration } from "./declaration.ts";
import { declaredOperation } from "./declared-operation.ts";
import { declaredRedaction } from "./declared-redaction.ts";
import { declaredSchema } from "./describe-schema.ts";
import { checkName, pascalCase, type Plural, plural } from "./names.ts";
import type { FieldName } from "./redacted.ts";
import { type DeclaredOperation, type DeclaredSchema, propertyNames, type ResourceType } from "./resource-type.ts";

/** Top-level fields of every representation; details may not be named so. */
export const RESERVED_FIELDS: ReadonlySet<string> = new Set([
  "id",
  "status",
  "configuration",
  "progress",
  "estimatedTimeRemaining",
  "error",
  "createdAt",
  "updatedAt",
  "attempt",
  "observedAt",
  // Not on the wire, but what the typed client tells of every state.
  "settled",
  "succeeded",
]);

/** Stand beside the collections, under the same base path. */
const RESERVED_PATHS: ReadonlySet<string> = new Set(["operations", "messages", "worker"]);
const RESERVED_TYPES: ReadonlySet<string> = new Set(["operation", "message", "worker"]);
const RESERVED_ACTIONS: ReadonlySet<string> = new Set(["cancel", "retry", "history", "create", "update", "delete"]);

type AnyDeclaration = ResourceDeclaration<string, Schema, Schema, string, Record<string, unknown>, MessageSchemas>;

/**
 * Declares a resource type: what a client asks for, what work finds out, the labels it shows, and the work itself. Pure: nothing
 * runs before the type is given to `createApp`.
 *
 * @throws DefinitionError naming the field, for a schema without JSON Schema, a reserved name, a limit that is no positive number
 */
export function defineResource<
  const Name extends string,
  Configuration extends Schema,
  Details extends Schema,
  const Ready extends string,
  Actions extends object = {},
  Messages extends MessageSchemas = {},
  const Path extends string = Plural<Name>,
  const Redact extends FieldName<SchemaInput<Configuration>> = never,
>(
  declaration: ResourceDeclaration<Name, Configuration, Details, Ready, Actions, Messages, Path, Redact>,
): ResourceType<{
  name: Name;
  // Not from where the result goes: in createApp({ resources: [defineResource(...)] }) that would widen what is left out.
  path: NoInfer<Path>;
  configuration: Configuration;
  details: Details;
  ready: Ready;
  actions: NoInfer<Actions>;
  messages: NoInfer<Messages>;
  redact: NoInfer<Redact>;
}>;
export function defineResource(declaration: AnyDeclaration): ResourceType {
  const { name } = declaration;
  checkName(name, "defineResource: name");
  if (RESERVED_TYPES.has(name)) {
    throw new DefinitionError(`defineResource: the name ${JSON.stringify(name)} is reserved; choose another`);
  }
  const operations = declaredOperations(declaration);
  const receives = new Map(
    Object.entries(declaration.receives ?? {}).map(([message, schema]) => [
      message,
      declaredSchema(schema, `${name}: receives.${message}`),
    ]),
  );
  checkNames(declaration, receives);
  if (declaration.observe !== undefined && typeof declaration.observe !== "function") {
    throw new DefinitionError(`${name}: observe: is not a function`);
  }
  const configuration = declaredSchema(declaration.configuration, `${name}: configuration`);
  const redaction = declaredRedaction(configuration, declaration.redact ?? [], `${name}: redact`);
  return {
    name,
    path: declaredPath(declaration),
    schemaName: pascalCase(name),
    configuration: redaction.configuration,
    details: declaredDetails(declaration.details, name),
    policy: typePolicy(declaration, operations, redaction.paths),
    operations,
    receives,
    representation: {
      timestamps: false,
      progress: "percent",
      time: "text",
      liveness: false,
      ...declaration.representation,
    },
    liveStatus: declaration.liveStatus ?? false,
    concurrency: positiveCount(declaration.concurrency ?? 100, `${name}: concurrency`),
    ...(declaration.observe === undefined ? {} : { observe: declaration.observe }),
    ...(declaration.migrate === undefined ? {} : { migrate: declaration.migrate }),
    ...(declaration.maxInProgress === undefined
      ? {}
      : { maxInProgress: positiveCount(declaration.maxInProgress, `${name}: maxInProgress`) }),
  };
}

function declaredPath({ name, path = plural(name) }: AnyDeclaration): string {
  checkName(path, `${name}: path`);
  if (RESERVED_PATHS.has(path)) {
    throw new DefinitionError(`${name}: path: ${JSON.stringify(path)} is reserved; choose another`);
  }
  return path;
}

function declaredOperations(declaration: AnyDeclaration): Map<string, DeclaredOperation> {
  const { name, create, update, actions = {} } = declaration;
  const operations = new Map([["create", declaredOperation(name, "create", create)]]);
  if (update !== undefined) operations.set("update", declaredOperation(name, "update", update));
  if (declaration.delete !== undefined) operations.set("delete", declaredOperation(name, "delete", declaration.delete));
  for (const [action, declared] of Object.entries(actions)) {
    const operation = declaredOperation(name, action, declared);
    const input =
      declared.input === undefined ? {} : { input: declaredSchema(declared.input, `${name}: actions.${action}.input`) };
    operations.set(action, { ...operation, ...input });
  }
  return operations;
}

function typePolicy(
  { name, statuses, maxBytes = DEFAULT_MAX_BYTES }: AnyDeclaration,
  operations: ReadonlyMap<string, DeclaredOperation>,
  redact: readonly FieldPath[],
): TypePolicy {
  if (statuses?.ready === undefined) {
    throw new DefinitionError(`${name}: statuses.ready: give the label of success, such as "Ready"`);
  }
  const { ready, failed = "Failed", cancelled = "Cancelled", failedAfterChange = false } = statuses;
  const [first, ...more] = typeof ready === "string" ? [ready] : ready;
  for (const label of [first, ...more, failed, cancelled]) {
    if (typeof label !== "string" || label === "") {
      throw new DefinitionError(`${name}: statuses: a label is a text that is not empty`);
    }
  }
  for (const { kind, policy } of operations.values()) {
    // A client that goes by the label alone would take what has just begun for what is over.
    if ([first, ...more, failed, cancelled].includes(policy.status)) {
      throw new DefinitionError(
        `${name}: ${kind}.status: ${JSON.stringify(policy.status)} is a label of settled resources; give the label to show while it is in progress, such as "Provisioning"`,
      );
    }
  }
  if (new Set([first, ...more]).size !== 1 + more.length) {
    throw new DefinitionError(`${name}: statuses.ready: a label stands twice`);
  }
  return {
    type: name,
    ready: [first, ...more],
    failed,
    cancelled,
    failedAfterChange,
    maxBytes: positive(maxBytes, `${name}: maxBytes`),
    redact,
    kinds: Object.fromEntries([...operations].map(([kind, operation]) => [kind, operation.policy])),
  };
}

function declaredDetails(schema: Schema, name: string): DeclaredSchema {
  const declared = declaredSchema(schema, `${name}: details`);
  const { type } = declared.output;
  if (type !== undefined && type !== "object") {
    throw new DefinitionError(
      `${name}: details: must be an object, its fields stand at the top of the representation; this schema says ${JSON.stringify(type)}`,
    );
  }
  for (const field of propertyNames(declared.output)) {
    if (RESERVED_FIELDS.has(field)) {
      throw new DefinitionError(
        `${name}: details.${field}: every representation has a field of this name; choose another`,
      );
    }
  }
  return declared;
}

function checkNames({ name, actions = {} }: AnyDeclaration, receives: ReadonlyMap<string, unknown>): void {
  for (const [place, names] of [
    ["actions", Object.keys(actions)],
    ["receives", [...receives.keys()]],
  ] as const) {
    for (const given of names) {
      checkName(given, `${name}: ${place}`);
      if (RESERVED_ACTIONS.has(given)) {
        throw new DefinitionError(`${name}: ${place}.${given}: this name is reserved; choose another`);
      }
    }
  }
  for (const action of Object.keys(actions)) {
    if (receives.has(action)) {
      throw new DefinitionError(
        `${name}: ${JSON.stringify(action)} is an action and a message; both would be POST /{id}/${action}; rename one`,
      );
    }
  }
}
