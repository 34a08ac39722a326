import { DefinitionError } from "../../core/errors.ts";
import { autorestActions } from "./autorest.ts";
import type { Overlay, OverlayAction, OverlaySource } from "./overlay.ts";
import { speakeasyActions } from "./speakeasy.ts";

interface Generator {
  readonly title: string;
  readonly actions: (source: OverlaySource) => readonly OverlayAction[];
}

/** The generators that read extensions of their own in the document. */
const GENERATORS = {
  speakeasy: { title: "Speakeasy", actions: speakeasyActions },
  autorest: { title: "AutoRest", actions: autorestActions },
} as const satisfies Record<string, Generator>;

export type OverlayName = keyof typeof GENERATORS;

/** @throws DefinitionError if no overlay has the name */
export function parseOverlayName(text: string): OverlayName {
  if (isOverlayName(text)) return text;
  const names = Object.keys(GENERATORS).join(", ");
  throw new DefinitionError(`--overlay: ${JSON.stringify(text)} is unknown; available: ${names}`);
}

function isOverlayName(text: string): text is OverlayName {
  return Object.hasOwn(GENERATORS, text);
}

/**
 * Creates an overlay that adds the extensions of a generator to the OpenAPI document of an app.
 *
 * @param serverUrl base URL of the server that serves the document, if it is known
 * @throws DefinitionError if the app has no resource, or does not offer what the generator's clients need
 */
export function createOverlay(name: OverlayName, source: OverlaySource, serverUrl?: string): Overlay {
  const { title, actions } = GENERATORS[name];
  const [first, ...others] = actions(source);
  if (first === undefined) throw new DefinitionError(`--overlay ${name}: the app has no resource; declare one first`);
  const { info } = source.document;
  return {
    overlay: "1.0.0",
    info: { title: `Extensions of ${title} for ${info.title}`, version: info.version },
    ...(serverUrl === undefined ? {} : { extends: `${serverUrl}/openapi.json` }),
    actions: [first, ...others],
  };
}
