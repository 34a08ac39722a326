import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { OpenApiDocument } from "../../server/openapi/open-api.ts";

/** The part of an OpenAPI Overlay document that is used here. @see https://spec.openapis.org/overlay/v1.0.0.html */
export interface Overlay {
  readonly overlay: "1.0.0";
  readonly info: { readonly title: string; readonly version: string };
  /** URL of the document that the overlay applies to. */
  readonly extends?: string;
  readonly actions: readonly [OverlayAction, ...OverlayAction[]];
}

export interface OverlayAction {
  /** JSONPath of an object in the document. */
  readonly target: string;
  readonly description?: string;
  /** Fields that are merged into the object. */
  readonly update: Readonly<Record<string, unknown>>;
}

/** The app that an overlay is generated for, with its document. */
export interface OverlaySource {
  readonly types: readonly ResourceType[];
  readonly basePath: string;
  readonly document: OpenApiDocument;
}

/** Returns the JSONPath of an object in the document. @see https://www.rfc-editor.org/rfc/rfc9535 */
export function jsonPath(...names: readonly string[]): string {
  return `$${names.map((name) => (/^[a-z]+$/i.test(name) ? `.${name}` : `[${quoted(name)}]`)).join("")}`;
}

function quoted(name: string): string {
  return `'${name.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}

/** Returns the path of a type's collection in the document. */
export function collectionOf({ basePath }: OverlaySource, { path }: ResourceType): string {
  return `${basePath}/${path}`;
}
