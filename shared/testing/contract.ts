import * as z from 'zod'

type Contract = {
  readonly responses: { readonly 200: { readonly content: { readonly 'application/json': { readonly schema: z.ZodType } } } }
}

/** What a route promises to answer, as its OpenAPI document says it: a member the document does not name is refused. */
export const promisedBody = ({ responses }: Contract): z.ZodType =>
  z.fromJSONSchema(z.toJSONSchema(responses[200].content['application/json'].schema))
