/** What is wrong, in the words of Stripe's API: `status` is the HTTP status, the rest are members of the `error` object. */
export type Failure = {
  readonly status: 400 | 401 | 402 | 404 | 405 | 409 | 413 | 429 | 500 | 503
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'
  readonly message: string
  readonly code?: string
  readonly param?: string
  readonly decline_code?: string
  readonly charge?: string
}

/** A request that is refused before it takes effect; nothing is stored under its idempotency key. */
export class StripeError extends Error {
  override readonly name = 'StripeError'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** A request that makes no sense; `code` is one of Stripe's error codes. */
export const invalidRequest = (message: string, more: { code?: string; param?: string } = {}): Failure => ({
  status: 400,
  type: 'invalid_request_error',
  message,
  ...more,
})

/** An id that names nothing: 404, as when it is in the path; Stripe answers 404 for ids in parameters too. */
export const missingResource = (kind: string, id: string, param: string): Failure => ({
  status: 404,
  type: 'invalid_request_error',
  code: 'resource_missing',
  message: `No such ${kind}: '${id.slice(0, 100)}'`,
  param,
})

/** The JSON text of an error answer; `objects` are the payment intent and payment method it is about. */
export function errorBody(failure: Failure, requestId: string, objects: Record<string, unknown> = {}): string {
  const doc_url = failure.code === undefined ? undefined : docUrl(failure.code)
  // `status` is the answer's own and stays out of the body.
  return JSON.stringify({
    error: { ...failure, status: undefined, doc_url, ...objects, request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}` },
  })
}

/** Where Stripe explains an error code. */
export const docUrl = (code: string): string => `https://docs.stripe.com/error-codes/${code.replaceAll('_', '-')}`
