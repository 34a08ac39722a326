import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const WRITTEN = "http://127.0.0.1:8080";

interface Shown {
  readonly command: string;
  readonly output: readonly string[];
}

export interface RepeatOptions {
  /** Where the app is served that the commands speak to. */
  readonly origin: string;
  /** Where they run. */
  readonly folder: string;
  /** The heading of the section whose commands are repeated. @default all */
  readonly section?: string;
  /** Makes lines equal that differ only by what is another each time. */
  readonly alike?: (line: string) => string;
}

/**
 * Repeats a README's transcript, command by command, and holds what is printed against what it shows. States that pass may be missed
 * on a busy machine: lines may be missing, but none may differ, nor the last one.
 */
export async function repeatTranscript(
  readme: string,
  { origin, folder, section, alike = (line) => line }: RepeatOptions,
): Promise<number> {
  const markdown = await readFile(readme, "utf8");
  const part = section === undefined ? markdown : sectionOf(markdown, section);
  const all = transcriptOf(part).filter(({ command }) => !command.endsWith("npm start"));
  for (const { command, output } of all) {
    const { stdout } = await run("bash", ["-c", command.replaceAll(WRITTEN, origin)], { cwd: folder });
    const printed = stdout.trim() === "" ? [] : stdout.trim().split("\n").map(alike);
    const shown = output.map(alike);
    assert.equal(printed.at(-1), shown.at(-1), command);
    const strange = printed.filter((line) => !shown.includes(line));
    assert.deepEqual(strange, [], command);
  }
  return all.length;
}

function sectionOf(markdown: string, heading: string): string {
  const found = markdown.split(/^## /m).find((section) => section.startsWith(`${heading}\n`));
  assert.ok(found !== undefined, `there is no section ${heading}`);
  return found;
}

/** The commands of its `console` blocks, each behind a `$`, and what stands below them. */
function transcriptOf(markdown: string): readonly Shown[] {
  return [...markdown.matchAll(/^```console\n([^]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((shown) => {
        const [, command = "", rest = ""] = /^((?:.*\\\n)*.*)\n?([^]*)$/.exec(shown) ?? [];
        return { command, output: rest.split("\n").filter((line) => line !== "") };
      }),
  );
}
