import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { DefinitionError } from "../../core/errors.ts";
import { copySourceOf, copyTargetOf, withoutPassword } from "../start/stores.ts";
import { copiedLines, copyDisplay } from "./copy-display.ts";
import { move } from "./move.ts";

/** Moves a whole store, resources in progress included. */
export async function copy(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { from: { type: "string" }, to: { type: "string" } } });
  const { from, to } = values;
  if (from === undefined || to === undefined) {
    throw new DefinitionError(
      "say where from and where to: afoot copy --from sqlite:data/afoot.db --to postgres://USER:PASSWORD@HOST/DATABASE",
    );
  }
  const at = Date.now();
  // The target first: what is wrong with its URL is said before anything is opened.
  const target = await copyTargetOf(to);
  const source = await copySourceOf(from, at);
  try {
    const { tables, inProgress, place } = source;
    const display = copyDisplay(process.stderr, tables, () => performance.now());
    let isNew: boolean;
    try {
      isNew = await move({ source, target, copy: randomUUID(), at, onRows: display.show });
    } finally {
      display.close();
    }
    const lines = isNew ? copiedLines(tables, inProgress) : [];
    const said = isNew ? "Moved" : "Was moved already:";
    process.stdout.write(
      [
        `${said} ${place} to ${target.place}`,
        ...lines,
        `${place} starts no more. Go on with: afoot start --store ${withoutPassword(to)}`,
      ]
        .join("\n")
        .concat("\n"),
    );
    return 0;
  } finally {
    source.close();
  }
}
