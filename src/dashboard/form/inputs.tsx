import type { ReactNode } from "react";
import type { InputProps } from "./field-props.ts";
import { isSame } from "./merge-patch.ts";

const TYPES: Readonly<Record<string, string>> = { email: "email", uri: "url", date: "date", password: "password" };

/** A text input. An empty text removes the field, so that it is not sent. */
export function TextInput({ id, read, value, onChange, ariaProps }: InputProps): ReactNode {
  return (
    <input
      id={id}
      type={TYPES[read.format ?? ""] ?? "text"}
      autoComplete="off"
      spellCheck={false}
      placeholder={read.example}
      value={typeof value === "string" ? value : ""}
      onChange={({ target }) => onChange(target.value === "" ? undefined : target.value)}
      {...ariaProps}
    />
  );
}

export function NumberInput({ id, read, value, onChange, ariaProps }: InputProps): ReactNode {
  return (
    <input
      id={id}
      type="number"
      inputMode={read.isInteger ? "numeric" : "decimal"}
      step={read.isInteger ? 1 : "any"}
      placeholder={read.example}
      value={typeof value === "number" ? value : ""}
      onChange={({ target }) => onChange(target.value === "" ? undefined : target.valueAsNumber)}
      {...ariaProps}
    />
  );
}

export function ChoiceInput({ id, read, value, onChange, ariaProps }: InputProps): ReactNode {
  const selected = read.choices.findIndex((choice) => isSame(choice, value));
  return (
    <select
      id={id}
      value={selected}
      onChange={({ target }) => onChange(read.choices[Number(target.value)])}
      {...ariaProps}
    >
      <option value={-1}>Choose…</option>
      {read.choices.map((choice, index) => (
        <option key={JSON.stringify(choice)} value={index}>
          {typeof choice === "string" ? choice : JSON.stringify(choice)}
        </option>
      ))}
    </select>
  );
}
