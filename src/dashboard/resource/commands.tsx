import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import type { ResourceUpdate } from "../api/live-resources.ts";
import { CommandDialog } from "./command-dialog.tsx";
import { type Command, availableCommands } from "./command.ts";

export interface CommandsProps {
  readonly path: string;
  readonly id: string;
  readonly type: TypeView;
  readonly summary: ResourceUpdate;
  readonly onDone: () => void;
}

/** Buttons for the commands that a resource accepts in its current state. */
export function Commands({ path, id, type, summary, onDone }: CommandsProps): ReactNode {
  const [open, setOpen] = useState<Command>();
  const isSettled = summary.operation.settledAt !== null;
  return (
    <div className="commands">
      {type.isUpdatable ? (
        <Link
          href={`/edit/${path}/${id}`}
          className="button"
          {...(isSettled ? {} : { "aria-disabled": true, onClick: (event) => event.preventDefault() })}
        >
          Edit
        </Link>
      ) : null}
      {availableCommands(type, summary).map((command) => (
        <button
          key={command.name}
          type="button"
          className={command.isDangerous ? "button button-danger" : "button"}
          disabled={!command.isPossible}
          onClick={() => setOpen(command)}
        >
          {command.title}
        </button>
      ))}
      {open === undefined ? null : (
        <CommandDialog
          key={open.name}
          command={open}
          path={path}
          id={id}
          onClose={() => setOpen(undefined)}
          onDone={onDone}
        />
      )}
    </div>
  );
}
