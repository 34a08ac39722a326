import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const MAX_TRIES = 50;
const RETRY_INTERVAL_MS = 100;
const asItIs = (line: string): string => line;
const WRITTEN = "http://127.0.0.1:8080";

interface Shown {
  readonly command: string;
  readonly output: readonly string[];
}

export interface RepeatOptions {
  /** Origin of the app that the commands use. */
  readonly origin: string;
  /** The same as the README writes it. @default "http://127.0.0.1:8080" */
  readonly written?: string;
  /** Working directory of the commands. */
  readonly folder: string;
  /** Heading of the section whose commands are repeated. @default all */
  readonly section?: string;
  /** Normalizes a line, so that two runs of a command give equal lines. */
  readonly alike?: (line: string) => string;
}

/**
 * Repeats a README's transcript, command by command, and compares the output with the README. A busy machine may miss short-lived
 * states: lines may be missing, but none may differ, and the last one must be equal. A command that only reads is retried.
 */
export async function repeatTranscript(readme: string, options: RepeatOptions): Promise<number> {
  const { section, alike = asItIs } = options;
  const markdown = await readFile(readme, "utf8");
  const part = section === undefined ? markdown : sectionOf(markdown, section);
  const all = transcriptOf(part).filter(({ command }) => !command.endsWith("npm start"));
  for (const { command, output } of all) {
    const shown = output.map(alike);
    // A write runs once; a read that comes too early is retried.
    const maxTries = /^curl (?!.* (?:-X|-d) )/s.test(command) ? MAX_TRIES : 1;
    let printed = await printedBy(command, options);
    for (let time = 1; time < maxTries && printed.at(-1) !== shown.at(-1); time++) {
      await delay(RETRY_INTERVAL_MS);
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
  { origin, written = WRITTEN, folder, alike = asItIs }: RepeatOptions,
): Promise<readonly string[]> {
  const { stdout } = await run("bash", ["-c", command.replaceAll(written, origin)], { cwd: folder });
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

/** Returns the commands of all `console` blocks, each after a `$`, with the output below them. */
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
