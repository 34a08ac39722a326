import { type ReactNode, type SubmitEvent, useState } from "react";
import { Link } from "wouter";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { faultsOf, type FormFaults, NO_FAULTS } from "./faults.ts";
import { SchemaForm } from "./schema-form.tsx";

export interface ConfigurationFormProps {
  readonly type: TypeView;
  readonly initial: () => unknown;
  /** What the button says that sends it. */
  readonly send: string;
  /** Sends what was put in, and goes on to what came of it. What it throws is shown at the fields that it names. */
  readonly onSend: (value: unknown) => Promise<void>;
  /** Where to go without sending. */
  readonly back: string;
  /** Buttons before the others. */
  readonly children?: ReactNode;
}

/** The configuration of a resource of a type, to put in and send. */
export function ConfigurationForm({ type, initial, send, onSend, back, children }: ConfigurationFormProps): ReactNode {
  const [value, setValue] = useState(initial);
  const [faults, setFaults] = useState<FormFaults>(NO_FAULTS);
  const [isUnderWay, setUnderWay] = useState(false);

  const submitted = async (): Promise<void> => {
    setUnderWay(true);
    try {
      await onSend(value);
    } catch (error) {
      setFaults(faultsOf(error, "/configuration", value));
      setUnderWay(false);
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void submitted();
  };

  return (
    <form className="card form" onSubmit={submit} noValidate>
      <SchemaForm schema={type.configuration} value={value} onChange={setValue} faults={faults} />
      <div className="form-buttons">
        {children}
        <Link href={back} className="button">
          Leave it
        </Link>
        <button type="submit" className="button button-main" disabled={isUnderWay}>
          {send}
        </button>
      </div>
    </form>
  );
}
