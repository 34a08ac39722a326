import { type ReactNode, useId, useState } from "react";
import { labelText } from "../components/text.ts";
import { FaultText } from "./fault-text.tsx";
import type { FieldProps } from "./json-pointer.ts";

/** Whatever no field fits, as JSON. */
export function JsonField({ name, pointer, faults, value, onChange, isRequired }: FieldProps): ReactNode {
  const id = useId();
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, undefined, 2)));
  const [mistake, setMistake] = useState<string>();
  const change = (next: string): void => {
    setText(next);
    try {
      onChange(next.trim() === "" ? undefined : JSON.parse(next));
      setMistake(undefined);
    } catch (error) {
      setMistake(`This is not JSON yet: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const fault = mistake ?? faults.byPointer.get(pointer);
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
        aria-invalid={fault === undefined ? undefined : true}
        aria-describedby={fault === undefined ? undefined : `${id}-fault`}
      />
      <FaultText id={id} fault={fault} />
    </div>
  );
}
