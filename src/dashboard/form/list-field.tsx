import type { ReactNode } from "react";
import { labelText } from "../components/text.ts";
import type { ReadFieldProps } from "./field-props.ts";
import { initialValue } from "./initial-value.ts";

export function ListField(props: ReadFieldProps): ReactNode {
  const { read, value, onChange, pointer, name, document, errors, ChildField } = props;
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const title = read.title ?? labelText(name);
  return (
    <fieldset className="fieldset">
      <legend>{title}</legend>
      {items.map((item, index) => (
        <div key={index} className="list-item">
          <ChildField
            schema={read.items}
            document={document}
            pointer={`${pointer}/${index}`}
            name={`${title} ${index + 1}`}
            isRequired
            errors={errors}
            value={item}
            onChange={(next) => onChange(items.with(index, next))}
          />
          <button
            type="button"
            className="button button-quiet"
            onClick={() => onChange(items.filter((_, other) => other !== index))}
          >
            Remove
            <span className="unseen">
              {" "}
              {title} {index + 1}
            </span>
          </button>
        </div>
      ))}
      <button type="button" className="button" onClick={() => onChange([...items, initialValue(read.items, document)])}>
        Add<span className="unseen"> to {title}</span>
      </button>
    </fieldset>
  );
}
