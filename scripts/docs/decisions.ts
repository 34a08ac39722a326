// Keeps the index of docs/decisions.md, whose records other changes append.
import { slugify } from "./slugify.ts";

const RECORD = /^## (?<date>\d{4}-\d\d-\d\d): (?<title>.+)$/gm;

/** Returns the text of the page with an index of all its records. */
export function indexedDecisions(text: string): string {
  const rows = [...text.matchAll(RECORD)].map(
    ([heading, date = "", title = ""]) => `| ${date} | [${title}](#${slugify(heading.slice("## ".length))}) |`,
  );
  return text.replace(/^\| date[^]*?\n\n(?=## )/m, `| date | decision |\n| --- | --- |\n${rows.join("\n")}\n\n`);
}
