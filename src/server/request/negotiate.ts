import { Refusal } from "../http/problems.ts";
import { splitHeader } from "./list-header.ts";

/**
 * Selects one of the available media types by `Accept`. The first available type wins a tie.
 *
 * @throws Refusal `not-acceptable`; `invalid-header` if it has too many ranges
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 */
export function negotiate<Type extends string>(
  accept: string | undefined,
  offered: readonly [Type, ...(readonly Type[])],
): Type {
  const first = offered[0];
  if (accept === undefined || accept === "*/*" || accept === first || accept === "") return first;
  const ranges = splitHeader(accept, "Accept").map(parseRange);
  let best: Type | undefined;
  let bestQuality = 0;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality <= bestQuality) continue;
    best = type;
    bestQuality = quality;
  }
  if (best !== undefined) return best;
  throw new Refusal(
    "not-acceptable",
    `None of the media types in Accept is available; available: ${offered.join(", ")}.`,
  );
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

const WEIGHT = /;[ \t]*q[ \t]*=([^;]*)/i;

function parseRange(text: string): Range {
  const [type = ""] = text.split(";", 1);
  const weight = WEIGHT.exec(text)?.[1];
  const quality = weight === undefined ? 1 : Number(weight.trim());
  return { type: type.trim().toLowerCase(), quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** Returns the quality of a type: that of the most specific range that covers it. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  for (const covering of [type, `${type.slice(0, type.indexOf("/"))}/*`, "*/*"]) {
    const matching = ranges.filter((range) => range.type === covering);
    if (matching.length > 0) return Math.max(...matching.map(({ quality }) => quality));
  }
  return 0;
}
