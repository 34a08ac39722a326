import type { JsonSchema } from "../../core/json/schema.ts";
import type { OpenApiOptions, OpenApiServer, OpenApiTag } from "../openapi-options.ts";

/** A reference within the document. */
export interface Reference {
  readonly $ref: string;
}

export interface OpenApiInfo extends Pick<OpenApiOptions, "contact" | "license"> {
  readonly title: string;
  readonly version: string;
  readonly description: string;
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

/** A request that clients can derive from a response. @see https://spec.openapis.org/oas/v3.1.1.html#link-object */
export interface Link {
  readonly operationId: string;
  readonly description: string;
  /** Runtime expressions by parameter name. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header | Reference>>;
  readonly content?: Content;
  readonly links?: Readonly<Record<string, Reference>>;
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
  /** Requests that the operation causes, by name and then by URL. */
  readonly callbacks?: Readonly<Record<string, Readonly<Record<string, PathItem>>>>;
}

export type Method = "get" | "head" | "post" | "put" | "patch" | "delete";

export type PathItem = { readonly [M in Method]?: OperationObject };

export interface ComponentsObject {
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly responses: Readonly<Record<string, Response>>;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly headers: Readonly<Record<string, Header>>;
  readonly links: Readonly<Record<string, Link>>;
  readonly securitySchemes?: Readonly<Record<string, JsonSchema>>;
}

/** The part of an OpenAPI 3.1 document that is used here. @see https://spec.openapis.org/oas/v3.1.1.html */
export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly info: OpenApiInfo;
  readonly servers?: readonly OpenApiServer[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly tags: readonly OpenApiTag[];
  readonly paths: Readonly<Record<string, PathItem>>;
  /** Requests to receivers that the app declares, by the type of their event. */
  readonly webhooks?: Readonly<Record<string, PathItem>>;
  readonly components: ComponentsObject;
}
