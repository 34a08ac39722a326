// Lints the language of comments, messages and documents: rules 1 and 2 of CONTRIBUTING.md's section "Language".
// Usage: node scripts/check-language.mjs [path ...]. Exit code 1 if a sentence breaks a rule.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import ts from "typescript-5.9";

/** A text of a file, and the line on which it starts. @typedef {{ kind: "doc" | "comment" | "message" | "prose", line: number, text: string }} Passage */

/** Rule 1: a doc comment starts with a verb or a noun, never with one of these. */
const OPENER = /^(?:What|Who|Whoever|Whose|Whatever|Whether|How|By|Of|Where|As)\b/;

/** Rule 2: a component is the subject of a sentence, never a person without a name. */
const PERSON = /\b(?:nobody|somebody|whoever|anybody)\b/i;

const SENTENCE_START = String.raw`(?:^|[.!?:;]\s+|\n\s*\n\s*)["'(*_\x60]*`;

const SUBJECTS = [
  String.raw`(?:Who|What|Whoever|Whatever|He|Others)\s+[a-z]`,
  String.raw`(?:One|Those)\s+(?:who|whose|that|which|of|is|are|was|were|has|have|may|can|cannot|must|will|does|do)\b`,
];
const SUBJECT = new RegExp(`${SENTENCE_START}(?:${SUBJECTS.join("|")})`);

const RELATIVE = /\b(?:those|others|one|he|they) who\b|\bwho asks\b/i;

/** @param {Passage} passage @returns {{ rule: 1 | 2, found: string } | undefined} */
export function findFault({ kind, text }) {
  const opener = kind === "doc" ? OPENER.exec(text) : null;
  if (opener !== null) return { rule: 1, found: opener[0] };
  const subject = PERSON.exec(text) ?? RELATIVE.exec(text) ?? SUBJECT.exec(text);
  return subject === null ? undefined : { rule: 2, found: subject[0].trim().replace(/^[.!?:;]\s+/, "") };
}

/** The passages of a file: comments and messages of a source, prose of a document. @param {string} path @param {string} text */
export function passagesOf(path, text) {
  if (path.endsWith(".md")) return proseOf(text);
  // The title of a test may quote a property as people say it.
  return /\.test(?:-d)?\.tsx?$/.test(path)
    ? commentsOf(path, text)
    : [...commentsOf(path, text), ...messagesOf(path, text)];
}

/** Paragraphs, headings, list items and table cells, without code. @param {string} text @returns {Passage[]} */
function proseOf(text) {
  const withoutCode = text
    .replaceAll(/^(```|~~~)[^\n]*\n[\s\S]*?^\1/gm, (block) => block.replaceAll(/[^\n]/g, ""))
    .replaceAll(/`[^`\n]*`/g, "code");
  /** @type {Passage[]} */
  const passages = [];
  let line = 1;
  for (const paragraph of withoutCode.split(/\n(?=\s*(?:\n|[-*+]\s|\d+\.\s|#|\|))/)) {
    const leading = /^\s*/.exec(paragraph)?.[0] ?? "";
    const at = line + leading.split("\n").length - 1;
    const cells = paragraph.trimStart().startsWith("|") ? paragraph.split("|") : [paragraph];
    for (const cell of cells) {
      const words = cell
        .replace(/^\s*(?:[-*+]|\d+\.|#+)\s+/, "")
        .replaceAll(/\s+/g, " ")
        .trim();
      if (words !== "") passages.push({ kind: "prose", line: at, text: words });
    }
    line += paragraph.split("\n").length;
  }
  return passages;
}

/** @param {string} path @param {string} text @returns {Passage[]} */
function commentsOf(path, text) {
  const scanned = parse(path, text);
  /** @type {Map<number, Passage>} */
  const found = new Map();
  /** @type {(node: ts.Node) => void} */
  const visit = (node) => {
    for (const range of [
      ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
    ]) {
      if (found.has(range.pos)) continue;
      const raw = text.slice(range.pos, range.end);
      const line = scanned.getLineAndCharacterOfPosition(range.pos).line + 1;
      found.set(range.pos, { kind: raw.startsWith("/**") ? "doc" : "comment", line, text: commentText(raw) });
    }
    for (const child of node.getChildren(scanned)) {
      // Inside JSX text, `//` and `/*` are letters.
      if (child.kind !== ts.SyntaxKind.JsxText) visit(child);
    }
  };
  visit(scanned);
  return joinLines([...found.values()].toSorted((a, b) => a.line - b.line));
}

/** Adjacent `//` lines are one text. @param {Passage[]} comments */
function joinLines(comments) {
  /** @type {Passage[]} */
  const joined = [];
  let end = -1;
  for (const comment of comments) {
    const last = joined.at(-1);
    if (comment.kind === "comment" && last?.kind === "comment" && comment.line === end + 1) {
      last.text += ` ${comment.text}`;
    } else joined.push({ ...comment });
    end = comment.line;
  }
  return joined;
}

/** @param {string} raw */
function commentText(raw) {
  const inner = raw.startsWith("//") ? raw.slice(2) : raw.replace(/^\/\*\*?/, "").replace(/\*\/$/, "");
  return inner
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, ""))
    .join("\n")
    .replaceAll(/`[^`]*`/g, "code")
    .replaceAll(/^@(?:default|returns|throws|see|example|deprecated)\s*/gm, ". ")
    .replaceAll(/^@param\s+(?:\{[^}]*\}\s*)?[\w.]+\s*/gm, ". ")
    .replaceAll(/([^\n])\n(?!\n)/g, "$1 ")
    .trim();
}

/** Texts of at least three words: log lines, errors, output, descriptions. @param {string} path @param {string} text */
function messagesOf(path, text) {
  const source = parse(path, text);
  /** @type {Passage[]} */
  const messages = [];
  /** @type {(node: ts.Node) => void} */
  const visit = (node) => {
    const value = wordsOf(node);
    if (value !== undefined && value.trim().split(/\s+/).length >= 3) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      messages.push({ kind: "message", line, text: value.trim() });
    }
    if (!ts.isTemplateExpression(node)) ts.forEachChild(node, visit);
    else node.templateSpans.forEach((span) => visit(span.expression));
  };
  visit(source);
  return messages;
}

/** @param {ts.Node} node */
function wordsOf(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isJsxText(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("x");
  }
  return undefined;
}

/** @param {string} path @param {string} text */
function parse(path, text) {
  const kind = path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
}

const LINTED = /^(?:src\/.*\.tsx?|(?:docs|examples)\/.*\.md|(?:README|CONTRIBUTING|CHANGELOG|SECURITY)\.md)$/;

/** @param {readonly string[]} paths */
function lint(paths) {
  const files = execFileSync("git", ["ls-files", "--", ...paths], { encoding: "utf8" })
    .trim()
    .split("\n");
  let faults = 0;
  for (const path of files.filter((file) => LINTED.test(file))) {
    for (const passage of passagesOf(path, readFileSync(path, "utf8"))) {
      const broken = findFault(passage);
      if (broken === undefined) continue;
      faults += 1;
      const excerpt = passage.text.replaceAll(/\s+/g, " ").slice(0, 100);
      process.stdout.write(`${path}:${passage.line} rule ${broken.rule} ("${broken.found}"): ${excerpt}\n`);
    }
  }
  process.stdout.write(
    faults === 0 ? "The language rules are kept.\n" : `${faults} sentences break the language rules.\n`,
  );
  return faults === 0;
}

if (process.argv[1] === import.meta.filename) {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  process.exitCode = lint(process.argv.slice(2)) ? 0 : 1;
}
