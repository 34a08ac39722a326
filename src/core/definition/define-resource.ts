import { DefinitionError } from "../errors.ts";
import type { FieldPath } from "../json/edit-field.ts";
import type { Schema, SchemaInput } from "../json/schema.ts";
import { DEFAULT_MAX_BYTES, type TypePolicy } from "../policy.ts";
import type { ChildTypes, MessageSchemas } from "../work.ts";
import { positive, positiveCount } from "./checks.ts";
import type { ResourceDeclaration } from "./declaration.ts";
import { declaredAgents } from "./declared-agents.ts";
import { declaredChildren } from "./declared-children.ts";
import { declaredConcurrency } from "./declared-concurrency.ts";
import { declaredOperation } from "./declared-operation.ts";
import { declaredRedaction } from "./declared-redaction.ts";
import { declaredSchema } from "./describe-schema.ts";
import { checkName, pascalCase, type Plural, plural } from "./names.ts";
import type { FieldName } from "./redacted.ts";
import { DEFAULT_REPRESENTATION, isReservedField } from "./representation-fields.ts";
import {
  type DeclaredOperation,
  type DeclaredSchema,
  propertyNames,
  type RepresentationOptions,
  type ResourceType,
} from "./resource-type.ts";

/**
 * Path segments that the server uses itself, beside the collections. Reserved even if an option turns the feature off.
 */
const RESERVED_PATHS: ReadonlySet<string> = new Set(["dashboard", "messages", "operations", "worker"]);
const RESERVED_TYPES: ReadonlySet<string> = new Set(["operation", "message", "worker"]);
const RESERVED_ACTIONS: ReadonlySet<string> = new Set(["cancel", "retry", "history", "create", "update", "delete"]);

type AnyDeclaration = ResourceDeclaration<string, Schema, Schema, string, Record<string, unknown>, MessageSchemas>;

/**
 * Declares a resource type: the configuration that clients request, the details that work finds out, the labels, and
 * the work. Pure: nothing runs before the type is passed to `createApp`.
 *
 * @throws DefinitionError that names the field, for example for a schema without a JSON Schema, a reserved name, or an
 *   invalid limit
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
  Children extends ChildTypes = {},
>(
  declaration: ResourceDeclaration<Name, Configuration, Details, Ready, Actions, Messages, Path, Redact, Children>,
): ResourceType<{
  name: Name;
  // Not inferred from the use of the result: in createApp({ resources: [defineResource(...)] }) that would widen the
  // defaults.
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
  const children = declaredChildren(declaration);
  const operations = declaredOperations(declaration, children?.cascade.delete === true);
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
  const representation = declaredRepresentation(declaration);
  const configuration = declaredSchema(declaration.configuration, `${name}: configuration`);
  const { turnLimit, ...concurrency } = declaredConcurrency(`${name}: concurrency`, declaration.concurrency);
  const redaction = declaredRedaction(configuration, declaration.redact ?? [], `${name}: redact`);
  return {
    name,
    path: declaredPath(declaration),
    schemaName: pascalCase(name),
    configuration: redaction.configuration,
    details: declaredDetails(declaration.details, name, representation),
    policy: {
      ...typePolicy(declaration, operations, redaction.paths),
      ...(turnLimit === undefined ? {} : { turnLimit }),
    },
    ...(declaration.description === undefined ? {} : { description: declaration.description }),
    ...(declaration.mcp === undefined
      ? {}
      : { mcp: declaredAgents(declaration.mcp, operations, receives, `${name}: mcp`) }),
    operations,
    receives,
    ...(children === undefined ? {} : { children }),
    representation,
    liveStatus: declaration.liveStatus ?? false,
    ...concurrency,
    ...(declaration.observe === undefined ? {} : { observe: declaration.observe }),
    ...(declaration.migrate === undefined ? {} : { migrate: declaration.migrate }),
    ...(declaration.maxInProgress === undefined
      ? {}
      : { maxInProgress: positiveCount(declaration.maxInProgress, `${name}: maxInProgress`) }),
    ...(declaration.retention === undefined
      ? {}
      : { settledMs: positive(declaration.retention.settledMs, `${name}: retention.settledMs`) }),
  };
}

function declaredPath({ name, path = plural(name) }: AnyDeclaration): string {
  checkName(path, `${name}: path`);
  if (RESERVED_PATHS.has(path)) {
    const reserved = [...RESERVED_PATHS].join(", ");
    throw new DefinitionError(
      `${name}: path: ${JSON.stringify(path)} is reserved; choose another path than ${reserved}, which the server uses itself`,
    );
  }
  return path;
}

/** The delete of a type with children that declares no delete work: the worker only deletes the children. */
const DELETE_CHILDREN = { status: "Deleting", work: () => undefined };

function declaredOperations(declaration: AnyDeclaration, deletesChildren: boolean): Map<string, DeclaredOperation> {
  const { name, create, update, actions = {} } = declaration;
  const operations = new Map([["create", declaredOperation(name, "create", create)]]);
  if (update !== undefined) operations.set("update", declaredOperation(name, "update", update));
  const removal = declaration.delete ?? (deletesChildren ? DELETE_CHILDREN : undefined);
  if (removal !== undefined) operations.set("delete", declaredOperation(name, "delete", removal));
  for (const [action, declared] of Object.entries(actions)) {
    const operation = declaredOperation(name, action, declared);
    const input =
      declared.input === undefined ? {} : { input: declaredSchema(declared.input, `${name}: actions.${action}.input`) };
    operations.set(action, { ...operation, ...input });
  }
  return operations;
}

function typePolicy(
  { name, statuses, maxBytes = DEFAULT_MAX_BYTES, updatedAfter }: AnyDeclaration,
  operations: ReadonlyMap<string, DeclaredOperation>,
  redact: readonly FieldPath[],
): TypePolicy {
  if (statuses?.ready === undefined) {
    throw new DefinitionError(`${name}: statuses.ready: give the label of success, such as "Ready"`);
  }
  const { ready, failed = "Failed", cancelled = "Cancelled", cancelling = "Cancelling" } = statuses;
  const [first, ...more] = typeof ready === "string" ? [ready] : ready;
  for (const label of [first, ...more, failed, cancelled, cancelling]) {
    if (typeof label !== "string" || label === "") {
      throw new DefinitionError(`${name}: statuses: a label must be a string that is not empty`);
    }
  }
  const inProgress = [...operations.values()].map(({ kind, policy }) => [`${kind}.status`, policy.status] as const);
  for (const [path, label] of [...inProgress, ["statuses.cancelling", cancelling] as const]) {
    // A client that only reads the label would mistake an operation in progress for a settled one.
    if ([first, ...more, failed, cancelled].includes(label)) {
      throw new DefinitionError(
        `${name}: ${path}: ${JSON.stringify(label)} is a label of settled resources; give the label to show while it is in progress, such as "Provisioning"`,
      );
    }
  }
  if (new Set([first, ...more]).size !== 1 + more.length) {
    throw new DefinitionError(`${name}: statuses.ready: a label is duplicated; list each label once`);
  }
  return {
    type: name,
    ready: [first, ...more],
    failed,
    cancelled,
    cancelling,
    failedAfterChange: statuses.failedAfterChange ?? false,
    maxBytes: positive(maxBytes, `${name}: maxBytes`),
    ...(updatedAfter === true ? { updatedAfter } : {}),
    redact,
    kinds: Object.fromEntries([...operations].map(([kind, operation]) => [kind, operation.policy])),
  };
}

function declaredRepresentation({ representation, metadata, retention }: AnyDeclaration): RepresentationOptions {
  return {
    ...DEFAULT_REPRESENTATION,
    ...representation,
    metadata: metadata === true,
    expiry: retention !== undefined,
  };
}

function declaredDetails(schema: Schema, name: string, representation: RepresentationOptions): DeclaredSchema {
  const declared = declaredSchema(schema, `${name}: details`);
  const { type } = declared.output;
  if (type !== undefined && type !== "object") {
    throw new DefinitionError(
      `${name}: details: must be an object, because its fields become fields of the representation; the type of this schema is ${JSON.stringify(type)}`,
    );
  }
  for (const field of propertyNames(declared.output)) {
    if (isReservedField(representation, field)) {
      throw new DefinitionError(
        `${name}: details.${field}: every representation has a field of this name; choose another`,
      );
    }
  }
  return declared;
}

function checkNames({ name, actions = {} }: AnyDeclaration, receives: ReadonlyMap<string, unknown>): void {
  for (const [option, names] of [
    ["actions", Object.keys(actions)],
    ["receives", [...receives.keys()]],
  ] as const) {
    for (const given of names) {
      checkName(given, `${name}: ${option}`);
      if (RESERVED_ACTIONS.has(given)) {
        throw new DefinitionError(`${name}: ${option}.${given}: this name is reserved; choose another`);
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
