export { DefinitionError, AfootError, isAfootError, PermanentError, WorkError } from "./core/errors.ts";
export { defineResource } from "./core/define-resource.ts";
export { settle, type Settled } from "./core/settle.ts";
export type { Jsonified } from "./core/json.ts";
export type { ResourceType } from "./core/resource-type.ts";
export type { Schema, SchemaInput, SchemaOutput } from "./core/schema.ts";
export type { Work, WorkContext } from "./core/work.ts";
export { createApp, type App, type AppOptions } from "./app/create-app.ts";
export type { AppStartOptions } from "./app/start-options.ts";
