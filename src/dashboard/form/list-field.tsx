import type { ReactNode } from "react";
import { labelText } from "../components/text.ts";
import { initialOf } from "./initial.ts";
import type { ReadFieldProps } from "./json-pointer.ts";

export function ListField(props: ReadFieldProps): ReactNode {
  const { read, value, onChange, pointer, name, document, faults, Inside } = props;
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const title = read.title ?? labelText(name);
  return (
    <fieldset className="fieldset">
      <legend>{title}</legend>
      {items.map((item, index) => (
        <div key={index} className="list-item">
          <Inside
            schema={read.items}
            document={document}
            pointer={`${pointer}/${index}`}
            name={`${title} ${index + 1}`}
            isRequired
            faults={faults}
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
      <button type="button" className="button" onClick={() => onChange([...items, initialOf(read.items, document)])}>
        Add<span className="unseen"> to {title}</span>
      </button>
    </fieldset>
  );
}
