/** A command that a document shows, and what it shows of its output. */
export interface ShownCommand {
  readonly command: string;
  readonly output: readonly string[];
}

/** The fenced blocks of a Markdown text that are of `console`: what follows a `$` is typed, the rest is answered. */
export function consoleBlocks(markdown: string): readonly (readonly ShownCommand[])[] {
  return [...markdown.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text = ""]) => commandsOf(text));
}

function commandsOf(text: string): readonly ShownCommand[] {
  const commands: { command: string; output: string[] }[] = [];
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) commands.push({ command: line.slice(2), output: [] });
    else commands.at(-1)?.output.push(line);
  }
  return commands;
}

/** Whether an output is the one that is shown: `...` stands for anything, and alone on a line for any lines. */
export function isShown(shown: readonly string[], output: string): boolean {
  const pattern = shown
    .map((line) =>
      line === "..."
        ? "(?:.*\n)*?"
        : `${line
            .split("...")
            .map((part) => RegExp.escape(part))
            .join(".*")}\n`,
    )
    .join("");
  return new RegExp(`^${pattern}$`).test(output === "" || output.endsWith("\n") ? output : `${output}\n`);
}
