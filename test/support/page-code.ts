import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseAllDocuments } from "yaml";

/** A fenced block of a page. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Reason why tests do not check the block: the info string `ts no-check: REASON`. */
  readonly unchecked: string | undefined;
  /** Name of the file that a comment in its first line gives. */
  readonly file: string | undefined;
}

/** Returns the fenced blocks of a page in order. */
export function codeBlocks(page: string): readonly CodeBlock[] {
  return [...page.matchAll(/^```(\w*)([^\n]*)\n([^]*?)^```$/gm)].map(([, language = "", info = "", text = ""]) => ({
    language,
    text,
    unchecked: /^ no-check: (.+)$/.exec(info)?.[1],
    file: /^(?:\/\/|#|\/\*) ([\w./[\]-]+)(?: \*\/)?\n/.exec(text)?.[1],
  }));
}

/** Returns the documents of a block of YAML. */
export function manifestsOf(text: string): readonly object[] {
  return parseAllDocuments(text).map((document) => {
    const value: unknown = document.toJS();
    if (typeof value === "object" && value !== null) return value;
    throw new Error(`the block has a document that is no object: ${String(document)}`);
  });
}

/** The files that a page shows, in a folder of their own below this package, so that its name resolves to its sources. */
export interface PageFolder extends AsyncDisposable {
  readonly path: string;
  /** Imports a file of the page. */
  readonly load: <Module>(file: string) => Promise<Module>;
}

/** Writes the files of a page: the blocks whose first line is a comment with a relative file name. */
export async function pageFolder(page: string, parent: string): Promise<PageFolder> {
  const path = await mkdtemp(join(parent, "page-"));
  for (const { file, text } of codeBlocks(await readFile(page, "utf8"))) {
    if (file === undefined || file.startsWith("/")) continue;
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), text);
  }
  return {
    path,
    load: async <Module>(file: string) => (await import(pathToFileURL(join(path, file)).href)) as Module,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
