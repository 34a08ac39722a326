import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { DefinitionError } from "../../core/errors.ts";
import { copySourceOf, copyTargetOf, withoutPassword } from "../start/stores.ts";
import { copiedLines, copyDisplay } from "./copy-display.ts";
import { move } from "./move.ts";

/** Moves a whole store, including resources in progress. */
export async function copy(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { from: { type: "string" }, to: { type: "string" } } });
  const { from, to } = values;
  if (from === undefined || to === undefined) {
    throw new DefinitionError(
      "pass --from and --to: afoot copy --from sqlite:data/afoot.db --to postgres://USER:PASSWORD@HOST/DATABASE",
    );
  }
  const at = Date.now();
  // Checks the URL of the target before anything is opened.
  const target = await copyTargetOf(to);
  const source = await copySourceOf(from, at);
  try {
    const { tables, inProgress, location } = source;
    const display = copyDisplay(process.stderr, tables, () => performance.now());
    let isNew: boolean;
    try {
      isNew = await move({ source, target, copy: randomUUID(), at, onRows: display.show });
    } finally {
      display.close();
    }
    const lines = isNew ? copiedLines(tables, inProgress) : [];
    const outcome = isNew ? "Moved" : "Already moved";
    process.stdout.write(
      [
        `${outcome} ${location} to ${target.location}`,
        ...lines,
        `${location} is now retired. Start with: afoot start --store ${withoutPassword(to)}`,
      ]
        .join("\n")
        .concat("\n"),
    );
    return 0;
  } finally {
    source.close();
  }
}
