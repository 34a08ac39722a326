import { type ReactNode, type SubmitEvent, useState } from "react";
import { Link } from "wouter";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { formErrors, type FormErrors, NO_ERRORS } from "./form-errors.ts";
import { SchemaForm } from "./schema-form.tsx";

export interface ConfigurationFormProps {
  readonly type: TypeView;
  readonly initial: () => unknown;
  /** Label of the submit button. */
  readonly submitText: string;
  /** Sends the value and navigates to the result. Errors that it throws are shown at their fields. */
  readonly onSubmit: (value: unknown) => Promise<void>;
  /** Link target for leaving the form without sending. */
  readonly backHref: string;
  /** Additional buttons. */
  readonly children?: ReactNode;
}

/** A form for the configuration of a resource. */
export function ConfigurationForm({
  type,
  initial,
  submitText,
  onSubmit,
  backHref,
  children,
}: ConfigurationFormProps): ReactNode {
  const [value, setValue] = useState(initial);
  const [errors, setErrors] = useState<FormErrors>(NO_ERRORS);
  const [isSubmitting, setSubmitting] = useState(false);

  const submitValue = async (): Promise<void> => {
    setSubmitting(true);
    try {
      await onSubmit(value);
    } catch (error) {
      setErrors(formErrors(error, "/configuration", value));
      setSubmitting(false);
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void submitValue();
  };

  return (
    <form className="card form" onSubmit={submit} noValidate>
      <SchemaForm schema={type.configuration} value={value} onChange={setValue} errors={errors} />
      <div className="form-buttons">
        {children}
        <Link href={backHref} className="button">
          Back
        </Link>
        <button type="submit" className="button button-main" disabled={isSubmitting}>
          {submitText}
        </button>
      </div>
    </form>
  );
}
