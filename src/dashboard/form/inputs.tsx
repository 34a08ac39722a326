import type { ReactNode } from "react";
import type { InputProps } from "./json-pointer.ts";

const TYPES: Readonly<Record<string, string>> = { email: "email", uri: "url", date: "date", password: "password" };

/** An empty text is none: what a client leaves out is not sent. */
export function TextInput({ id, read, value, onChange, marks }: InputProps): ReactNode {
  return (
    <input
      id={id}
      type={TYPES[read.format ?? ""] ?? "text"}
      autoComplete="off"
      spellCheck={false}
      placeholder={read.example}
      value={typeof value === "string" ? value : ""}
      onChange={({ target }) => onChange(target.value === "" ? undefined : target.value)}
      {...marks}
    />
  );
}

export function NumberInput({ id, read, value, onChange, marks }: InputProps): ReactNode {
  return (
    <input
      id={id}
      type="number"
      inputMode={read.isWhole ? "numeric" : "decimal"}
      step={read.isWhole ? 1 : "any"}
      placeholder={read.example}
      value={typeof value === "number" ? value : ""}
      onChange={({ target }) => onChange(target.value === "" ? undefined : target.valueAsNumber)}
      {...marks}
    />
  );
}

export function ChoiceInput({ id, read, value, onChange, marks }: InputProps): ReactNode {
  const selected = read.choices.findIndex((choice) => JSON.stringify(choice) === JSON.stringify(value));
  return (
    <select id={id} value={selected} onChange={({ target }) => onChange(read.choices[Number(target.value)])} {...marks}>
      <option value={-1}>Choose…</option>
      {read.choices.map((choice, index) => (
        <option key={JSON.stringify(choice)} value={index}>
          {typeof choice === "string" ? choice : JSON.stringify(choice)}
        </option>
      ))}
    </select>
  );
}
