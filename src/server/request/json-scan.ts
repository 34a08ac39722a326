/** An open container: the names of an object; null for an array. */
type Container = Set<string> | null;

/** The state of a scan. */
interface Scan {
  readonly text: string;
  readonly maxDepth: number;
  readonly open: Container[];
  at: number;
}

/**
 * Checks a JSON text strictly by RFC 8259. Also rejects texts that parsers read differently or that can harm them:
 * duplicate names, `__proto__`, NUL, lone surrogates, numbers that lose precision, nesting deeper than `maxDepth`.
 * `JSON.parse` accepts every text that passes.
 *
 * @throws JsonSyntaxError at the first error
 */
export function scanJson(text: string, maxDepth: number): void {
  const scan: Scan = { text, maxDepth, open: [], at: skipWhitespace(text, 0) };
  do {
    scanValue(scan);
  } while (hasNextValue(scan));
}

/** Scans a scalar, an empty container, or the start of a container up to its first scalar. */
function scanValue(scan: Scan): void {
  const { text } = scan;
  const first = text[scan.at];
  if (first === "{") {
    openContainer(scan, new Set());
    if (text[scan.at] === "}") closeContainer(scan);
    else {
      name(scan);
      scanValue(scan);
    }
  } else if (first === "[") {
    openContainer(scan, null);
    if (text[scan.at] === "]") closeContainer(scan);
    else scanValue(scan);
  } else scan.at = first === '"' ? skipString(text, scan.at) : skipScalar(text, scan.at);
}

function openContainer(scan: Scan, opened: Container): void {
  scan.open.push(opened);
  if (scan.open.length > scan.maxDepth) {
    throw new JsonSyntaxError(scan.at, `nested deeper than ${scan.maxDepth} levels`);
  }
  scan.at = skipWhitespace(scan.text, scan.at + 1);
}

function closeContainer(scan: Scan): void {
  scan.open.pop();
  scan.at++;
}

/** Scans a name and its colon. */
function name(scan: Scan): void {
  const { text, at } = scan;
  if (text[at] !== '"') throw new JsonSyntaxError(at, "a name in double quotes is expected here");
  const end = skipString(text, at);
  const key = stringAt(text, at, end);
  const names = scan.open.at(-1);
  if (key === "__proto__") throw new JsonSyntaxError(at, 'the name "__proto__" is not accepted');
  if (names?.has(key) === true) {
    throw new JsonSyntaxError(at, `the name ${JSON.stringify(key)} is duplicated in one object`);
  }
  names?.add(key);
  scan.at = skipWhitespace(text, end);
  if (text[scan.at] !== ":") throw new JsonSyntaxError(scan.at, "a colon is expected here");
  scan.at = skipWhitespace(text, scan.at + 1);
}

/** Scans the ends of containers and the next comma. Returns false at the end of the text. */
function hasNextValue(scan: Scan): boolean {
  const { text, open } = scan;
  for (;;) {
    scan.at = skipWhitespace(text, scan.at);
    const inside = open.at(-1);
    if (inside === undefined) {
      if (scan.at < text.length) throw new JsonSyntaxError(scan.at, "nothing may follow the value");
      return false;
    }
    const next = text[scan.at];
    const end = inside === null ? "]" : "}";
    if (next === ",") {
      scan.at = skipWhitespace(text, scan.at + 1);
      if (inside !== null) name(scan);
      return true;
    }
    if (next !== end) {
      throw new JsonSyntaxError(
        scan.at,
        next === undefined ? `the text ends before its ${end}` : `a comma or ${end} is expected here`,
      );
    }
    closeContainer(scan);
  }
}

/** An error of a JSON text, with its position. */
export class JsonSyntaxError extends Error {
  /** The offset in the text. */
  readonly at: number;

  constructor(at: number, why: string) {
    super(why);
    this.at = at;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const LITERALS = ["true", "false", "null"];

/** Maximum length of a number. The largest double takes fewer characters, even without an exponent. */
const MAX_NUMBER_LENGTH = 400;

/** Returns the offset after the white space at `at`. */
function skipWhitespace(text: string, at: number): number {
  let end = at;
  for (;;) {
    const code = text.charCodeAt(end);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return end;
    end++;
  }
}

/** Returns the offset after the string at `at`. @throws JsonSyntaxError */
function skipString(text: string, at: number): number {
  let end = at + 1;
  let escaped = false;
  for (;;) {
    const code = text.charCodeAt(end);
    if (code === QUOTE) break;
    if (Number.isNaN(code)) throw new JsonSyntaxError(end, "the text ends inside a string");
    if (code < 0x20) throw new JsonSyntaxError(end, "a control character inside a string must be escaped");
    if (code === BACKSLASH) {
      ESCAPE.lastIndex = end;
      if (!ESCAPE.test(text)) throw new JsonSyntaxError(end, "the escape sequence is invalid");
      end = ESCAPE.lastIndex;
      escaped = true;
    } else end++;
  }
  if (escaped) checkEscaped(text, at, end + 1);
  return end + 1;
}

function checkEscaped(text: string, at: number, end: number): void {
  const value = stringAt(text, at, end);
  if (value.includes("\0")) throw new JsonSyntaxError(at, "the character NUL is not accepted");
  if (!value.isWellFormed()) throw new JsonSyntaxError(at, "a lone surrogate is not accepted");
}

/** Returns the value of the string from `at` to `end`. */
function stringAt(text: string, at: number, end: number): string {
  const inside = text.slice(at + 1, end - 1);
  return inside.includes("\\") ? String(JSON.parse(text.slice(at, end))) : inside;
}

/** Returns the offset after the number or literal at `at`. @throws JsonSyntaxError */
function skipScalar(text: string, at: number): number {
  const literal = LITERALS.find((each) => text.startsWith(each, at));
  if (literal !== undefined) return at + literal.length;
  NUMBER.lastIndex = at;
  if (!NUMBER.test(text)) {
    throw new JsonSyntaxError(
      at,
      at < text.length ? "a value is expected here" : "the text ends where a value is expected",
    );
  }
  const end = NUMBER.lastIndex;
  checkNumber(text, at, end);
  return end;
}

/** Rejects numbers that a double does not represent as sent, so that the stored value equals the sent one. */
function checkNumber(text: string, at: number, end: number): void {
  const token = text.slice(at, end);
  if (token.length < 16 && !/e/i.test(token)) return;
  if (end - at > MAX_NUMBER_LENGTH) {
    throw new JsonSyntaxError(at, `a number has more than ${MAX_NUMBER_LENGTH} characters`);
  }
  const value = Number(token);
  if (!Number.isFinite(value)) throw new JsonSyntaxError(at, "a number exceeds the range of a double");
  const isExact = !/^-?[0-9]+$/.test(token) || String(value) === token || BigInt(value) === BigInt(token);
  if (!isExact) throw new JsonSyntaxError(at, "a double cannot represent the integer exactly; send it as a string");
}
