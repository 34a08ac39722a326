import { AfootError, type AfootErrorOptions } from "../../core/errors.ts";

/** Whether credentials are valid cannot be told at the moment. Answered with 503; its message is for the log. */
export class AuthenticationUnavailableError extends AfootError {
  override readonly name = "AuthenticationUnavailableError";

  constructor(message: string, options?: AfootErrorOptions) {
    super("authentication-unavailable", message, options);
  }
}
