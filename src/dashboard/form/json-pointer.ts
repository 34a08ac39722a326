import type { ComponentType } from "react";
import type { JsonSchema } from "../../core/json/schema.ts";
import type { FormFaults } from "./faults.ts";
import type { FieldSchema } from "./schema.ts";

/** Where a field stands. */
export interface FieldPlace {
  readonly schema: JsonSchema;
  /** In which the schema's references lead on. */
  readonly document: JsonSchema;
  /** Of the value, as faults name it. */
  readonly pointer: string;
  readonly name: string;
  readonly isRequired: boolean;
  readonly faults: FormFaults;
}

export interface FieldProps extends FieldPlace {
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  /** It is the form itself, which needs no frame. @default false */
  readonly isWhole?: boolean;
}

export interface ReadFieldProps extends FieldProps {
  readonly read: FieldSchema;
  /** Any field, for those inside this one. */
  readonly Inside: ComponentType<FieldProps>;
}

/** What every input of a field is given. */
export interface InputProps {
  readonly id: string;
  readonly read: FieldSchema;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly marks: {
    readonly "aria-describedby": string | undefined;
    readonly "aria-invalid": true | undefined;
    readonly "aria-required": true | undefined;
  };
}
