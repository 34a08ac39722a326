import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as passes } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const [MOST_TIMES, PAUSE_MS] = [50, 100];
const asItIs = (line: string): string => line;
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
 * on a busy machine: lines may be missing, but none may differ, nor the last one. A command that only reads may have to be repeated.
 */
export async function repeatTranscript(readme: string, options: RepeatOptions): Promise<number> {
  const { section, alike = asItIs } = options;
  const markdown = await readFile(readme, "utf8");
  const part = section === undefined ? markdown : sectionOf(markdown, section);
  const all = transcriptOf(part).filter(({ command }) => !command.endsWith("npm start"));
  for (const { command, output } of all) {
    const shown = output.map(alike);
    // Who writes is heard once; who reads too early asks again.
    const mostTimes = /^curl (?!.* (?:-X|-d) )/s.test(command) ? MOST_TIMES : 1;
    let printed = await printedBy(command, options);
    for (let time = 1; time < mostTimes && printed.at(-1) !== shown.at(-1); time++) {
      await passes(PAUSE_MS);
      printed = await printedBy(command, options);
    }
    assert.equal(printed.at(-1), shown.at(-1), command);
    const strange = printed.filter((line) => !shown.includes(line));
    assert.deepEqual(strange, [], command);
  }
  return all.length;
}

async function printedBy(
  command: string,
  { origin, folder, alike = asItIs }: RepeatOptions,
): Promise<readonly string[]> {
  const { stdout } = await run("bash", ["-c", command.replaceAll(WRITTEN, origin)], { cwd: folder });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map(alike);
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
