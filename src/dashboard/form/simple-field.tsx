import { type ReactNode, useId } from "react";
import { labelText } from "../components/text.ts";
import { FieldError } from "./field-error.tsx";
import type { InputProps, ReadFieldProps } from "./field-props.ts";
import { ChoiceInput, NumberInput, TextInput } from "./inputs.tsx";

/** A field with label, input, help and error. */
export function SimpleField({ read, name, pointer, isRequired, errors, value, onChange }: ReadFieldProps): ReactNode {
  const id = useId();
  const error = errors.byPointer.get(pointer);
  const help = read.description;
  const describedBy = [help === undefined ? [] : [`${id}-help`], error === undefined ? [] : [`${id}-error`]].flat();
  const ariaProps = {
    "aria-describedby": describedBy.length === 0 ? undefined : describedBy.join(" "),
    "aria-invalid": error === undefined ? undefined : (true as const),
    "aria-required": isRequired ? (true as const) : undefined,
  };
  const input = { id, read, value, onChange, ariaProps };
  if (read.kind === "flag") return <Flag {...input} label={read.title ?? labelText(name)} error={error} />;
  return (
    <div className="field">
      <label htmlFor={id}>
        {read.title ?? labelText(name)}
        {isRequired ? null : <span className="optional"> (optional)</span>}
      </label>
      {read.kind === "choice" ? <ChoiceInput {...input} /> : null}
      {read.kind === "number" ? <NumberInput {...input} /> : null}
      {read.kind === "text" ? <TextInput {...input} /> : null}
      {help === undefined ? null : (
        <p id={`${id}-help`} className="field-help">
          {help}
        </p>
      )}
      <FieldError id={id} error={error} />
    </div>
  );
}

interface FlagProps extends InputProps {
  readonly label: string;
  readonly error: string | undefined;
}

function Flag({ id, read, value, onChange, ariaProps, label, error }: FlagProps): ReactNode {
  return (
    <div className="field field-flag">
      <input
        id={id}
        type="checkbox"
        checked={value === true}
        onChange={({ target }) => onChange(target.checked)}
        aria-describedby={ariaProps["aria-describedby"]}
      />
      <label htmlFor={id}>{label}</label>
      {read.description === undefined ? null : (
        <p id={`${id}-help`} className="field-help">
          {read.description}
        </p>
      )}
      <FieldError id={id} error={error} />
    </div>
  );
}
