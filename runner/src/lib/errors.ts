/** The two kinds of failure the lab tells apart, each with a stable code and a line on what to do next. */

interface ErrorDetails {
  /** Stable, machine readable, kebab-case: `unknown-arch`, `qemu-missing`. */
  code: string;
  /** What to type or change next; one line. */
  hint?: string;
  cause?: unknown;
}

abstract class CodedError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  abstract readonly exitStatus: number;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.hint = details.hint;
  }
}

/** The words or files given are wrong; nothing was run. Exit status 2. */
export class UserError extends CodedError {
  readonly exitStatus = 2;
}

/** The lab's own machinery could not work (no QEMU, no disk). Exit status 3; never counted as held or breached. */
export class LabError extends CodedError {
  readonly exitStatus = 3;
}

/** One line for a person: message, then the hint. */
export function describeError(error: unknown): string {
  if (error instanceof CodedError) return error.hint ? `${error.message}\n  ${error.hint}` : error.message;
  if (error instanceof Error) return error.message;
  return String(error);
}
