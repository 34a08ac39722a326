import { type ReactNode, useId } from "react";
import { labelText } from "../components/text.ts";
import { FaultText } from "./fault-text.tsx";
import { ChoiceInput, NumberInput, TextInput } from "./inputs.tsx";
import type { InputProps, ReadFieldProps } from "./json-pointer.ts";

/** A label, an input, and what there is to say of it. */
export function SimpleField({ read, name, pointer, isRequired, faults, value, onChange }: ReadFieldProps): ReactNode {
  const id = useId();
  const fault = faults.byPointer.get(pointer);
  const help = read.description;
  const described = [help === undefined ? [] : [`${id}-help`], fault === undefined ? [] : [`${id}-fault`]].flat();
  const marks = {
    "aria-describedby": described.length === 0 ? undefined : described.join(" "),
    "aria-invalid": fault === undefined ? undefined : (true as const),
    "aria-required": isRequired ? (true as const) : undefined,
  };
  const input = { id, read, value, onChange, marks };
  if (read.kind === "flag") return <Flag {...input} label={read.title ?? labelText(name)} fault={fault} />;
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
      <FaultText id={id} fault={fault} />
    </div>
  );
}

interface FlagProps extends InputProps {
  readonly label: string;
  readonly fault: string | undefined;
}

function Flag({ id, read, value, onChange, marks, label, fault }: FlagProps): ReactNode {
  return (
    <div className="field field-flag">
      <input
        id={id}
        type="checkbox"
        checked={value === true}
        onChange={({ target }) => onChange(target.checked)}
        aria-describedby={marks["aria-describedby"]}
      />
      <label htmlFor={id}>{label}</label>
      {read.description === undefined ? null : (
        <p id={`${id}-help`} className="field-help">
          {read.description}
        </p>
      )}
      <FaultText id={id} fault={fault} />
    </div>
  );
}
