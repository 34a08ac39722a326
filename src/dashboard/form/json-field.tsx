import { type ReactNode, useId, useState } from "react";
import { labelText } from "../components/text.ts";
import { FieldError } from "./field-error.tsx";
import type { FieldProps } from "./field-props.ts";

/** A JSON editor for values that no other field supports. */
export function JsonField({ name, pointer, errors, value, onChange, isRequired }: FieldProps): ReactNode {
  const id = useId();
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, undefined, 2)));
  const [syntaxError, setSyntaxError] = useState<string>();
  const change = (next: string): void => {
    setText(next);
    try {
      onChange(next.trim() === "" ? undefined : JSON.parse(next));
      setSyntaxError(undefined);
    } catch (error) {
      setSyntaxError(`Invalid JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const error = syntaxError ?? errors.byPointer.get(pointer);
  return (
    <div className="field">
      <label htmlFor={id}>
        {name === "JSON" ? name : labelText(name)}
        {isRequired ? null : <span className="optional"> (optional)</span>}
      </label>
      <textarea
        id={id}
        className="json"
        spellCheck={false}
        rows={Math.min(20, Math.max(4, text.split("\n").length + 1))}
        value={text}
        onChange={({ target }) => change(target.value)}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
      />
      <FieldError id={id} error={error} />
    </div>
  );
}
