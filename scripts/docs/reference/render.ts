// Renders the reference of one entry point as Markdown.
import type ts from "typescript-5.9";
import { type Declared, type Documentation, isTypeOnly, type Member } from "./declarations.ts";

/** One page of the reference. */
export interface EntryPage {
  /** Name to import from, such as `afoot/client`. */
  readonly specifier: string;
  readonly summary: string;
  /** Guide with the whole picture: a link and its text. */
  readonly guide: readonly [path: string, title: string];
  /** TypeScript that uses the main exports. */
  readonly example: string;
  readonly exported: readonly Declared[];
  /** Types that the exports name without exporting them. */
  readonly related: readonly Declared[];
}

/** Finds the page and anchor of a type. */
export type Locate = (symbol: ts.Symbol) => { readonly link: string; readonly name: string } | undefined;

/** Returns the Markdown text of a page. */
export function renderEntry(page: EntryPage, locate: Locate): string {
  const { specifier, summary, guide, example, exported, related } = page;
  const [path, title] = guide;
  const code = example === "" ? [] : ["```ts", example.trim(), "```", ""];
  return [
    `# ${specifier}`,
    "",
    `${summary} See [${title}](${path}).`,
    "",
    ...code,
    ...exported.flatMap((each) => renderDeclared(each, "##", locate)),
    ...(related.length === 0
      ? []
      : ["## Related types", "", "The types above refer to these. They are not exported.", ""]),
    ...related.flatMap((each) => renderDeclared(each, "###", locate)),
  ].join("\n");
}

/** The heading is the name alone, so that its anchor is the name in lower case. */
function renderDeclared(declared: Declared, heading: string, locate: Locate): readonly string[] {
  const { name, signature, documentation, members, references, symbol } = declared;
  const links = references.flatMap((each) => {
    const found = locate(each);
    return found === undefined ? [] : [`[\`${found.name}\`](${found.link})`];
  });
  const isShown = members.length === 0 || !isTypeOnly(symbol) || !signature.startsWith("interface");
  return [
    `${heading} ${name}`,
    "",
    ...(documentation.text === "" ? [] : [markdown(documentation.text), ""]),
    ...(isShown && members.length === 0 ? ["```ts no-check: a declaration", signature, "```", ""] : []),
    ...(members.length > 0 ? [`\`${signature.split(" = ")[0]?.split("{")[0]?.trim() ?? ""}\``, ""] : []),
    ...details(documentation),
    ...(members.length === 0 ? [] : [...table(members), ""]),
    ...(links.length === 0 ? [] : [`Types: ${links.join(", ")}.`, ""]),
  ];
}

function details({ parameters, returns, throws, default: value }: Documentation): readonly string[] {
  const lines = [
    ...parameters.map(([name, text]) => `- \`${name}\`: ${markdown(text)}`),
    ...(returns === undefined ? [] : [`- Returns ${markdown(returns)}`]),
    ...throws.map((text) => `- Throws ${markdown(text)}`),
    ...(value === undefined ? [] : [`- Default: ${markdown(value)}`]),
  ];
  return lines.length === 0 ? [] : [...lines, ""];
}

function table(members: readonly Member[]): readonly string[] {
  const hasDefaults = members.some(({ documentation }) => documentation.default !== undefined);
  const header = hasDefaults ? ["member", "type", "default", "meaning"] : ["member", "type", "meaning"];
  const rows = members.map(({ name, isOptional, type, documentation }) => [
    `\`${name}${isOptional ? "?" : ""}\``,
    `\`${type}\``,
    ...(hasDefaults ? [cell(documentation.default ?? "")] : []),
    cell(
      [
        documentation.text,
        ...documentation.parameters.map(([parameter, text]) => `\`${parameter}\`: ${text}.`),
        ...(documentation.returns === undefined ? [] : [`Returns ${documentation.returns}.`]),
        ...documentation.throws.map((text) => `Throws ${text}.`),
      ].join(" "),
    ),
  ]);
  return [header, header.map(() => "---"), ...rows].map((row) => `| ${row.map(escapePipes).join(" | ")} |`);
}

function escapePipes(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}

/** Text of a table cell: one line. A list of the comment becomes a sentence. */
function cell(text: string): string {
  return markdown(text)
    .replaceAll(/\s*\n\s*- /g, "; ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** Text of a doc comment: `{@link X}` becomes code, and `<` outside of code is escaped, because pages may contain HTML. */
function markdown(text: string): string {
  return text
    .replaceAll(/\{@link\s+([^}]+)\}/g, "`$1`")
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll("<", "&lt;")))
    .join("");
}
