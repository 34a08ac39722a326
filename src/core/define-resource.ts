import { DEFAULT_BACKOFF } from "./backoff.ts";
import type { OperationDeclaration, OperationOptions, ResourceDeclaration } from "./declaration.ts";
import { DefinitionError } from "./errors.ts";
import { checkName, pascalCase, type Plural, plural } from "./names.ts";
import type { OperationPolicy, TypePolicy } from "./policy.ts";
import { type DeclaredOperation, type DeclaredSchema, type ErasedWork, propertyNames, type ResourceType } from "./resource-type.ts";
import { describeSchema, type Schema } from "./schema.ts";
import type { MessageSchemas } from "./work.ts";

/** Top-level fields of every representation; details may not be named so. */
export const RESERVED_FIELDS: ReadonlySet<string> = new Set([
  "id", "status", "configuration", "progress", "estimatedTimeRemaining", "error", "createdAt", "updatedAt", "attempt", "observedAt",
  // Not on the wire, but what the typed client tells of every state.
  "settled", "succeeded",
]);

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
>(
  declaration: ResourceDeclaration<Name, Configuration, Details, Ready, Actions, Messages, Path>,
): ResourceType<{
  name: Name;
  path: Path;
  configuration: Configuration;
  details: Details;
  ready: Ready;
  actions: Actions;
  messages: Messages;
}>;
export function defineResource(declaration: AnyDeclaration): ResourceType {
  const { name, statuses } = declaration;
  checkName(name, "defineResource: name");
  if (RESERVED_TYPES.has(name)) throw new DefinitionError(`defineResource: the name ${JSON.stringify(name)} is reserved; choose another`);
  const path = declaration.path ?? plural(name);
  checkName(path, `${name}: path`);
  const operations = declaredOperations(declaration);
  const receives = new Map(
    Object.entries(declaration.receives ?? {}).map(([message, schema]) => [message, declaredSchema(schema, `${name}: receives.${message}`)]),
  );
  checkNames(declaration, receives);
  const policy: TypePolicy = {
    type: name,
    ready: typeof statuses.ready === "string" ? [statuses.ready] : [...statuses.ready],
    failed: statuses.failed ?? "Failed",
    cancelled: statuses.cancelled ?? "Cancelled",
    failedAfterChange: statuses.failedAfterChange ?? false,
    maxBytes: positive(declaration.maxBytes ?? 1_048_576, `${name}: maxBytes`),
    kinds: Object.fromEntries([...operations].map(([kind, operation]) => [kind, operation.policy])),
  };
  checkLabels(policy);
  return {
    name,
    path,
    schemaName: pascalCase(name),
    configuration: declaredSchema(declaration.configuration, `${name}: configuration`),
    details: declaredDetails(declaration.details, name),
    policy,
    operations,
    receives,
    representation: { timestamps: false, progress: "percent", time: "text", liveness: false, ...declaration.representation },
    liveStatus: declaration.liveStatus ?? false,
    concurrency: positive(declaration.concurrency ?? 100, `${name}: concurrency`),
    ...(declaration.observe === undefined ? {} : { observe: declaration.observe }),
    ...(declaration.migrate === undefined ? {} : { migrate: declaration.migrate }),
    ...(declaration.maxInProgress === undefined ? {} : { maxInProgress: positive(declaration.maxInProgress, `${name}: maxInProgress`) }),
  };
}

function declaredOperations(declaration: AnyDeclaration): Map<string, DeclaredOperation> {
  const { name, create, update, actions = {} } = declaration;
  const operations = new Map([["create", declaredOperation(name, "create", create)]]);
  if (update !== undefined) operations.set("update", declaredOperation(name, "update", update));
  if (declaration.delete !== undefined) operations.set("delete", declaredOperation(name, "delete", declaration.delete));
  for (const [action, declared] of Object.entries(actions)) {
    const operation = declaredOperation(name, action, declared);
    const input = declared.input === undefined ? {} : { input: declaredSchema(declared.input as Schema, `${name}: actions.${action}.input`) };
    operations.set(action, { ...operation, ...input });
  }
  return operations;
}

function declaredOperation(type: string, kind: string, declared: OperationDeclaration<unknown>): DeclaredOperation {
  const place = `${type}: ${kind}`;
  if (typeof declared?.status !== "string" || declared.status === "") {
    throw new DefinitionError(`${place}.status: give the label to show while it is in progress, such as "Provisioning"`);
  }
  const external = declared.external === true;
  if (external === (typeof declared.work === "function")) {
    throw new DefinitionError(`${place}: give either a work function or external: true`);
  }
  const work = declared.work as ErasedWork | undefined;
  return { kind, policy: operationPolicy(place, declared, external), ...(work === undefined ? {} : { work }) };
}

function operationPolicy(place: string, declared: OperationOptions, external: boolean): OperationPolicy {
  const { retry = {}, undo = {} } = declared;
  return {
    status: declared.status,
    external,
    isolated: declared.isolation === "process",
    attempts: positive(retry.attempts ?? 5, `${place}.retry.attempts`),
    backoff: {
      initialMs: positive(retry.initialMs ?? DEFAULT_BACKOFF.initialMs, `${place}.retry.initialMs`),
      factor: positive(retry.factor ?? DEFAULT_BACKOFF.factor, `${place}.retry.factor`),
      maxMs: positive(retry.maxMs ?? DEFAULT_BACKOFF.maxMs, `${place}.retry.maxMs`),
    },
    lostWorkers: positive(retry.lostWorkers ?? 20, `${place}.retry.lostWorkers`),
    timeoutMs: positive(declared.timeoutMs ?? 3_600_000, `${place}.timeoutMs`),
    deadlineMs: positive(declared.deadlineMs ?? 604_800_000, `${place}.deadlineMs`),
    undo: {
      attempts: positive(undo.attempts ?? 10, `${place}.undo.attempts`),
      deadlineMs: positive(undo.deadlineMs ?? 86_400_000, `${place}.undo.deadlineMs`),
    },
  };
}

function declaredSchema(schema: Schema, place: string): DeclaredSchema {
  return { schema, ...describeSchema(schema, place) };
}

function declaredDetails(schema: Schema, name: string): DeclaredSchema {
  const declared = declaredSchema(schema, `${name}: details`);
  const { type } = declared.output;
  if (type !== undefined && type !== "object") {
    throw new DefinitionError(`${name}: details: must be an object, its fields stand at the top of the representation; this schema says ${String(type)}`);
  }
  for (const field of propertyNames(declared.output)) {
    if (RESERVED_FIELDS.has(field)) {
      throw new DefinitionError(`${name}: details.${field}: every representation has a field of this name; choose another`);
    }
  }
  return declared;
}

function checkNames({ name, actions = {} }: AnyDeclaration, receives: ReadonlyMap<string, unknown>): void {
  for (const [place, names] of [["actions", Object.keys(actions)], ["receives", [...receives.keys()]]] as const) {
    for (const given of names) {
      checkName(given, `${name}: ${place}`);
      if (RESERVED_ACTIONS.has(given)) throw new DefinitionError(`${name}: ${place}.${given}: this name is reserved; choose another`);
    }
  }
  for (const action of Object.keys(actions)) {
    if (receives.has(action)) {
      throw new DefinitionError(`${name}: ${JSON.stringify(action)} is an action and a message; both would be POST /{id}/${action}; rename one`);
    }
  }
}

function checkLabels(policy: TypePolicy): void {
  const labels = [...policy.ready, policy.failed, policy.cancelled];
  for (const label of labels) {
    if (typeof label !== "string" || label === "") throw new DefinitionError(`${policy.type}: statuses: a label is a text that is not empty`);
  }
  if (new Set(policy.ready).size !== policy.ready.length) throw new DefinitionError(`${policy.type}: statuses.ready: a label stands twice`);
}

function positive(value: number, place: string): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new DefinitionError(`${place}: ${String(value)} is not a number above zero`);
}
