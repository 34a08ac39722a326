import type { ReactNode } from "react";

export interface SelectFieldProps {
  readonly id: string;
  readonly label: string;
  /** Selected value. Empty for all. */
  readonly value: string;
  /** Label of the option that selects all. */
  readonly allText: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}

/** A select field with an option for all values. */
export function SelectField({ id, label, value, allText, options, onChange }: SelectFieldProps): ReactNode {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">{allText}</option>
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
