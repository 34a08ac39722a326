import { type ReactNode, type SubmitEvent, useState } from "react";
import { requireSignInOn401, openResource } from "../api/client.ts";
import { announce } from "../components/announcer.tsx";
import { Dialog } from "../components/dialog.tsx";
import { formErrors, type FormErrors, NO_ERRORS } from "../form/form-errors.ts";
import { initialValue } from "../form/initial-value.ts";
import { SchemaForm } from "../form/schema-form.tsx";
import type { Command } from "./command.ts";

export interface CommandDialogProps {
  readonly command: Command;
  readonly path: string;
  readonly id: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Asks for confirmation and input before a command is sent. */
export function CommandDialog({ command, path, id, onClose, onDone }: CommandDialogProps): ReactNode {
  const [input, setInput] = useState<unknown>(() => initialValue(command.input ?? {}));
  const [errors, setErrors] = useState<FormErrors>(NO_ERRORS);
  const [isSubmitting, setSubmitting] = useState(false);

  const run = async (): Promise<void> => {
    setSubmitting(true);
    try {
      await requireSignInOn401(async () =>
        command.run(await openResource(path, id), command.input === undefined ? undefined : input),
      );
      announce(`${command.title}: accepted`);
      onDone();
      onClose();
    } catch (error) {
      setErrors(formErrors(error, "", input));
      setSubmitting(false);
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
        {command.input === undefined ? <DialogError text={errors.summary} /> : null}
        {command.input === undefined ? null : (
          <SchemaForm schema={command.input} value={input} onChange={setInput} errors={errors} />
        )}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={onClose}>
            Back
          </button>
          <button
            type="submit"
            className={command.isDangerous ? "button button-main button-danger" : "button button-main"}
            disabled={isSubmitting}
          >
            {command.confirmation}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function DialogError({ text }: { readonly text: string }): ReactNode {
  if (text === "") return null;
  return (
    <p className="field-error" role="alert">
      {text}
    </p>
  );
}
