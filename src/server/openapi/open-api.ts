import type { JsonSchema } from "../../core/json/schema.ts";

/** A reference within the document. */
export interface Reference {
  readonly $ref: string;
}

/** What a document says of the API itself. */
export interface OpenApiInfo {
  /** The API's name. @default "Embedded Status API" */
  readonly title: string;
  /** The API's version. @default "1.0.0" */
  readonly version: string;
  /** In Markdown. @default how to follow resources */
  readonly description: string;
  /** Whom to ask. @default "Operators of" the title */
  readonly contact: { readonly name?: string; readonly url?: string; readonly email?: string };
  /** The API's licence; `identifier` is of SPDX. @default "All rights reserved" */
  readonly license: { readonly name: string; readonly identifier?: string; readonly url?: string };
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly style?: "form";
  readonly explode?: boolean;
  readonly example?: unknown;
}

export interface Header {
  readonly description: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export interface Example {
  readonly summary?: string;
  readonly value: unknown;
}

export interface MediaType {
  readonly schema: JsonSchema | Reference;
  readonly examples?: Readonly<Record<string, Example>>;
}

export type Content = Readonly<Record<string, MediaType>>;

export interface RequestBody {
  readonly required: boolean;
  readonly description?: string;
  readonly content: Content;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header | Reference>>;
  readonly content?: Content;
}

export type Responses = Readonly<Record<string, Response | Reference>>;

export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly requestBody?: RequestBody;
  readonly responses: Responses;
}

export type Method = "get" | "head" | "post" | "put" | "patch" | "delete";

export type PathItem = { readonly [M in Method]?: OperationObject };

export interface ComponentsObject {
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly responses: Readonly<Record<string, Response>>;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly headers: Readonly<Record<string, Header>>;
  readonly securitySchemes?: Readonly<Record<string, JsonSchema>>;
}

/** The part of an OpenAPI 3.1 document that is used here. @see https://spec.openapis.org/oas/v3.1.1.html */
export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly info: OpenApiInfo;
  readonly servers: readonly { readonly url: string; readonly description?: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: ComponentsObject;
}
