import { AfootError } from "../../core/errors.ts";

/** Error for a document that the mock cannot serve. `pointer` is the location of the problem in the document. */
export class UnservableError extends AfootError {
  override readonly name = "UnservableError";

  constructor(pointer: string, reason: string, options?: { readonly cause?: unknown }) {
    super("unservable-document", pointer === "" ? reason : `${pointer}: ${reason}`, options);
  }
}
