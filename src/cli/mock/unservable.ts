import { AfootError } from "../../core/errors.ts";

/** A document that no mock can be made of. `pointer` names the place in it. */
export class UnservableError extends AfootError {
  override readonly name = "UnservableError";

  constructor(pointer: string, reason: string, options?: { readonly cause?: unknown }) {
    super("unservable-document", pointer === "" ? reason : `${pointer}: ${reason}`, options);
  }
}
