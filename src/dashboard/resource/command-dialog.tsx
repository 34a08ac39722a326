import { type ReactNode, type SubmitEvent, useState } from "react";
import { heeded, reach } from "../api/client.ts";
import { announce } from "../components/announcer.tsx";
import { Dialog } from "../components/dialog.tsx";
import { faultsOf, type FormFaults, NO_FAULTS } from "../form/faults.ts";
import { initialOf } from "../form/initial.ts";
import { SchemaForm } from "../form/schema-form.tsx";
import type { Command } from "./command.ts";

export interface CommandDialogProps {
  readonly command: Command;
  readonly path: string;
  readonly id: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Asks before something is done, and for what it needs. */
export function CommandDialog({ command, path, id, onClose, onDone }: CommandDialogProps): ReactNode {
  const [input, setInput] = useState<unknown>(() => initialOf(command.input ?? {}));
  const [faults, setFaults] = useState<FormFaults>(NO_FAULTS);
  const [isUnderWay, setUnderWay] = useState(false);

  const run = async (): Promise<void> => {
    setUnderWay(true);
    try {
      await heeded(async () => command.run(await reach(path, id), command.input === undefined ? undefined : input));
      announce(`${command.title}: accepted`);
      onDone();
      onClose();
    } catch (error) {
      setFaults(faultsOf(error, "", input));
      setUnderWay(false);
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void run();
  };

  return (
    <Dialog title={`${command.title}?`} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <p>{command.question}</p>
        {command.input === undefined ? <Refusal text={faults.summary} /> : null}
        {command.input === undefined ? null : (
          <SchemaForm schema={command.input} value={input} onChange={setInput} faults={faults} />
        )}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={onClose}>
            Leave it
          </button>
          <button
            type="submit"
            className={command.isDangerous ? "button button-main button-danger" : "button button-main"}
            disabled={isUnderWay}
          >
            {command.confirmation}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Refusal({ text }: { readonly text: string }): ReactNode {
  if (text === "") return null;
  return (
    <p className="field-fault" role="alert">
      {text}
    </p>
  );
}
