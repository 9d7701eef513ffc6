/** A kind of problem: its stable `code` ends the public `type` URI that clients may switch on (RFC 9457). */
export type ProblemType = { readonly code: string; readonly status: number; readonly title: string }

/** The problems any HTTP function may answer; a function adds the ones of its own business beside its rules. */
export const problems = {
  validationFailed: { code: 'validation-failed', status: 400, title: 'The request is not valid' },
  unauthorized: { code: 'unauthorized', status: 401, title: 'Authentication is required' },
  forbidden: { code: 'forbidden', status: 403, title: 'Not allowed' },
  notFound: { code: 'not-found', status: 404, title: 'No such resource' },
  methodNotAllowed: { code: 'method-not-allowed', status: 405, title: 'The resource does not support this method' },
  conflict: { code: 'conflict', status: 409, title: 'The resource is not in a state that allows this' },
  preconditionFailed: { code: 'precondition-failed', status: 412, title: 'The resource has changed since it was read' },
  bodyTooLarge: { code: 'body-too-large', status: 413, title: 'The request body is too large' },
  unsupportedMediaType: { code: 'unsupported-media-type', status: 415, title: 'The media type is not supported' },
  idempotencyMismatch: { code: 'idempotency-mismatch', status: 422, title: 'The idempotency key was used for another request' },
  internal: { code: 'internal', status: 500, title: 'Something went wrong on our side' },
  unavailable: { code: 'unavailable', status: 503, title: 'A service this request depends on is unavailable' },
} as const satisfies Record<string, ProblemType>

/** What is wrong with one value of a request; `pointer` is an RFC 6901 JSON pointer into the part named by `in`. */
export type FieldError = { readonly pointer: string; readonly detail: string }

export type ProblemOptions = {
  /** Members added to the body beside the standard ones. */
  readonly extensions?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** An error the caller may see. Anything else that is thrown becomes an opaque `internal`. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly type: ProblemType
  readonly extensions: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(type: ProblemType, detail?: string, { extensions = {}, headers = {}, cause }: ProblemOptions = {}) {
    super(detail ?? type.title, { cause })
    this.type = type
    this.extensions = extensions
    this.headers = headers
  }

  /** The `application/problem+json` response; `instance` is the request id, which the logs carry too. */
  toResponse(instance: string): Response {
    const { code, status, title } = this.type
    const body = { type: `https://shop.example/problems/${code}`, title, status, detail: this.message, instance, ...this.extensions }
    return new Response(JSON.stringify(body), { status, headers: { ...this.headers, 'content-type': 'application/problem+json' } })
  }
}

/** A request that breaks its schema: names each wrong value and the part of the request it stands in. */
export const validationProblem = (where: string, errors: readonly FieldError[]): Problem =>
  new Problem(problems.validationFailed, errors[0] && `${where}${errors[0].pointer}: ${errors[0].detail}`, {
    extensions: { in: where, errors },
  })
