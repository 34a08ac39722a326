/** A command in a document, with the output that the document shows. */
export interface ShownCommand {
  readonly command: string;
  readonly output: readonly string[];
}

/** Returns the fenced `console` blocks of a Markdown text. Lines with `$` are commands, the others their output. */
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

/** Compares an output with the one shown. `...` matches anything, and alone on a line any number of lines. */
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
