import { afterScalar, afterSpace, afterString, JsonFault, stringAt } from "./json-tokens.ts";

/** The names seen in an open object; null stands for an open array. */
type Open = Set<string> | null;

/** How far a scan has come. */
interface Scan {
  readonly text: string;
  readonly maxDepth: number;
  readonly open: Open[];
  at: number;
}

/**
 * Checks a JSON text as strictly as RFC 8259 asks, and refuses what readers understand differently or what harms them: a name
 * that stands twice, `__proto__`, NUL, half surrogates, numbers that would not be kept, nesting deeper than `maxDepth`.
 * `JSON.parse` takes every text that passes.
 *
 * @throws JsonFault at the first fault
 */
export function scanJson(text: string, maxDepth: number): void {
  const scan: Scan = { text, maxDepth, open: [], at: afterSpace(text, 0) };
  do {
    value(scan);
  } while (isAnotherNext(scan));
}

/** Passes a scalar, an empty object or array, or the beginning of one with its first name. */
function value(scan: Scan): void {
  const { text } = scan;
  const first = text[scan.at];
  if (first === "{") {
    enter(scan, new Set());
    if (text[scan.at] === "}") leave(scan);
    else {
      name(scan);
      value(scan);
    }
  } else if (first === "[") {
    enter(scan, null);
    if (text[scan.at] === "]") leave(scan);
    else value(scan);
  } else scan.at = first === '"' ? afterString(text, scan.at) : afterScalar(text, scan.at);
}

function enter(scan: Scan, opened: Open): void {
  scan.open.push(opened);
  if (scan.open.length > scan.maxDepth) throw new JsonFault(scan.at, `nested deeper than ${scan.maxDepth} levels`);
  scan.at = afterSpace(scan.text, scan.at + 1);
}

function leave(scan: Scan): void {
  scan.open.pop();
  scan.at++;
}

/** Passes a name and its colon. */
function name(scan: Scan): void {
  const { text, at } = scan;
  if (text[at] !== '"') throw new JsonFault(at, "a name in double quotes is expected here");
  const end = afterString(text, at);
  const key = stringAt(text, at, end);
  const names = scan.open.at(-1);
  if (key === "__proto__") throw new JsonFault(at, 'the name "__proto__" is not accepted');
  if (names?.has(key) === true) throw new JsonFault(at, `the name ${JSON.stringify(key)} stands twice in one object`);
  names?.add(key);
  scan.at = afterSpace(text, end);
  if (text[scan.at] !== ":") throw new JsonFault(scan.at, "a colon is expected here");
  scan.at = afterSpace(text, scan.at + 1);
}

/** Passes the ends of what closes here, and the comma after it. False at the end of the text. */
function isAnotherNext(scan: Scan): boolean {
  const { text, open } = scan;
  for (;;) {
    scan.at = afterSpace(text, scan.at);
    const inside = open.at(-1);
    if (inside === undefined) {
      if (scan.at < text.length) throw new JsonFault(scan.at, "nothing may follow the value");
      return false;
    }
    const next = text[scan.at];
    const end = inside === null ? "]" : "}";
    if (next === ",") {
      scan.at = afterSpace(text, scan.at + 1);
      if (inside !== null) name(scan);
      return true;
    }
    if (next !== end) {
      throw new JsonFault(
        scan.at,
        next === undefined ? `the text ends before its ${end}` : `a comma or ${end} is expected here`,
      );
    }
    leave(scan);
  }
}
