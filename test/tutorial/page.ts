import { readFile } from "node:fs/promises";
import { codeBlocks } from "../support/page-code.ts";

/** A part of a page that a reader acts upon. */
export type Action =
  | { readonly write: string; readonly text: string }
  | { readonly command: string; readonly output: readonly string[] };

/** Returns the actions of a page in order: named blocks are written, and commands of `console` blocks are run. */
export async function actionsOf(path: string): Promise<readonly Action[]> {
  return codeBlocks(await readFile(path, "utf8")).flatMap(({ language, text, file }): readonly Action[] => {
    if (language === "console") return commandsOf(text);
    return file === undefined ? [] : [{ write: file, text }];
  });
}

function commandsOf(block: string): readonly Action[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((shown) => {
      const [, command = "", rest = ""] = /^((?:.*\\\n)*.*)\n?([^]*)$/.exec(shown) ?? [];
      return { command, output: rest.split("\n").filter((line) => line !== "") };
    });
}
