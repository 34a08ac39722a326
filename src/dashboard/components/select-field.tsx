import type { ReactNode } from "react";

export interface SelectFieldProps {
  readonly id: string;
  readonly label: string;
  /** Empty for all of them. */
  readonly value: string;
  /** What stands for all of them. */
  readonly all: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}

/** Chooses one of several, or all. */
export function SelectField({ id, label, value, all, options, onChange }: SelectFieldProps): ReactNode {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">{all}</option>
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
