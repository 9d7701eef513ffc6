import { invalidRequest, StripeError } from './stripe-error.ts'

const TERM = /^metadata\[(['"])([^'"[\]]{1,40})\1\]\s*:\s*(['"])([^'"]{1,500})\3$/

/**
 * The metadata that a search asks for: `metadata['order_id']:'o1'`, several joined by `AND`. Throws the `StripeError` for
 * anything else of Stripe's search language.
 */
export function metadataOf(query: string): Record<string, string> {
  const terms = query.trim().split(/\s+AND\s+/)
  return Object.fromEntries(
    terms.map((term) => {
      const match = TERM.exec(term.trim())
      if (match?.[2] === undefined || match[4] === undefined) {
        throw new StripeError(
          invalidRequest("Only terms such as metadata['key']:'value', joined by AND, can be searched for.", { param: 'query' }),
        )
      }
      return [match[2], match[4]]
    }),
  )
}
