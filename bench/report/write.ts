import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Measure } from "../measure.ts";
import { markdownOf, type Result } from "./markdown.ts";
import { plot } from "./plot.ts";

const ROOT = join(import.meta.dirname, "../..");
const RESULTS = join(ROOT, "bench/results");
const PLOTS = join(ROOT, "docs/performance");
const PAGE = join(ROOT, "docs/performance.md");

/** The benchmark overwrites the page between these markers. */
const BEGIN = "<!-- npm run bench writes from here -->";
const END = "<!-- to here -->";

/** Writes the result as JSON, tables and plots. Returns the path. */
export function writeResults(result: Result): string {
  writeFolder(RESULTS, result);
  writeFileSync(join(RESULTS, "result.md"), markdownOf(result, linkTo(".")));
  return join(RESULTS, "result.md");
}

/** Parts of the page. The other measures are on a page of their own. */
const MAIN_PARTS: ReadonlySet<string | undefined> = new Set(["http", "nodes", "install"]);

/** Replaces the result in the documents. Returns the path of the page. */
export function writeDocuments(result: Result): string {
  const page = readFileSync(PAGE, "utf8");
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} lacks the lines ${BEGIN} and ${END}`);
  writeFolder(PLOTS, result);
  const of = (isMain: boolean): Result => ({
    ...result,
    measures: result.measures.filter(({ part }) => MAIN_PARTS.has(part) === isMain),
  });
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${markdownOf(of(true), linkTo("performance"))}\n${END}${after}`);
  const others = markdownOf(of(false), linkTo("."));
  writeFileSync(
    join(PLOTS, "measures.md"),
    `# All measures\n\n[Performance](../performance.md) has the others.\n\n## Results\n\n${others}\n`,
  );
  // Pages of the documentation have the format of the others.
  execFileSync(process.execPath, [join(ROOT, "node_modules/oxfmt/bin/oxfmt"), PAGE, join(PLOTS, "measures.md")], {
    cwd: ROOT,
  });
  return PAGE;
}

/** Replaces plots and result. Other files in the folder stay. */
function writeFolder(folder: string, result: Result): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".svg")) rmSync(join(folder, name));
  }
  writeFileSync(join(folder, "result.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  for (const measure of result.measures) writeFileSync(join(folder, fileOf(measure)), plot(measure));
}

function linkTo(folder: string): (measure: Measure) => string {
  return (measure) => `\n![${measure.name}](${folder}/${fileOf(measure)})`;
}

function fileOf({ name }: Measure): string {
  return `${name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")}.svg`;
}
